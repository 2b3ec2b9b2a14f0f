import { setImmediate } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';

/** Far above what any of it takes; only a defect reaches it. */
const LIMIT_MS = 5_000;

/** Lets real input and output happen until the condition holds. Turns no clock and needs none. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const giveUpAt = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > giveUpAt) {
      throw new Error(`It never came about that ${what}.`);
    }
    await setImmediate();
  }
}
