import type { Observation } from './observation.js';

/** One process with the application, as the dashboard sees it. */
export interface Instance {
  readonly id: number;
  readonly pid: number;
  /** The one that serves the dashboard cannot be. */
  readonly isRemovable: boolean;
  observe(listener: (observation: Observation) => void): void;
  /** Calls a second. */
  setRate(perSecond: number): void;
  setSecret(secret: string): void;
  /** Lets the calls under way end. */
  stop(): Promise<void>;
}
