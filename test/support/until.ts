import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './eventually.js';

/** Far above what any of it takes; only a defect reaches it. */
const LIMIT_MS = 60_000;
const PAUSE_MS = 50;

/** Waits until other processes have brought it about. */
export function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  return eventually(condition, what, { limitMs: LIMIT_MS, turn: () => pause(PAUSE_MS) });
}

/** Lets real time pass, for tests about time itself: a load, an outage. */
export async function elapse(ms: number): Promise<void> {
  await pause(ms);
}
