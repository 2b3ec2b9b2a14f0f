import type { QuiqupAuthEvent } from 'nestjs-quiqup-auth';
import type { QuiqupSimulatorCounters } from 'nestjs-quiqup-auth/testing';

/** The outcome of calls. */
export interface Outcomes {
  readonly calls: number;
  /** How many failed, by status or code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

export interface InstanceReport {
  /** A fingerprint of the token in hand, or `none`. */
  readonly token: string;
  readonly events: Readonly<Partial<Record<QuiqupAuthEvent['type'], number>>>;
  /** The log of the module. */
  readonly lines: readonly string[];
}

/** The commands of `programs/instance.mjs`. */
export interface InstanceCommands {
  calls(count: number, url: string): Outcomes;
  startLoad(ratePerSecond: number, url: string): number;
  stopLoad(id: number): Outcomes;
  /** For the token requests to come. */
  setSecret(clientSecret: string): void;
  /** Sets the wall clock: so far from the real one. */
  shiftClock(ms: number): void;
  report(): InstanceReport;
}

/** The simulator's counters since its start or the last reset. */
export interface Figures extends QuiqupSimulatorCounters {
  /** Token requests by client id. */
  readonly requestsBy: Readonly<Record<string, number>>;
  /** How often that call was sent which was sent most often. */
  readonly mostSends: number;
  readonly sinceFirstRequestMs: number;
}

/** The commands of `programs/simulator.mjs`. */
export interface SimulatorCommands {
  revoke(): number;
  /** Holds the answer to the next token request back. */
  stall(ms: number): void;
  /** Whether the token endpoint answers with 503. */
  setDown(isDown: boolean): void;
  setSecret(clientId: string, clientSecret: string): void;
  reset(): void;
  figures(): Figures;
}
