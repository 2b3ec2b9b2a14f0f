import { setImmediate } from 'node:timers/promises';

/** Far above what any of it takes; only a defect reaches it. */
const LIMIT_MS = 10_000;
/** Taken before a test can hold the clock. */
const now = performance.now.bind(performance);

/** Lets real input and output happen until the condition holds. Turns no clock and needs none. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const giveUpAt = now() + LIMIT_MS;
  while (!condition()) {
    if (now() > giveUpAt) {
      throw new Error(`It never came about that ${what}.`);
    }
    await setImmediate();
  }
}
