import { setTimeout as pause } from 'node:timers/promises';

/** Far above what any of it takes; only a defect reaches it. */
const LIMIT_MS = 20_000;
const PAUSE_MS = 50;

/** Waits until other processes have brought it about. */
export async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) {
      throw new Error(`It never came about that ${what}.`);
    }
    await pause(PAUSE_MS);
  }
}

/** Lets real time pass, for what is about time itself: a load, an outage. */
export async function elapse(ms: number): Promise<void> {
  await pause(ms);
}
