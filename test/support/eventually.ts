import { setImmediate } from 'node:timers/promises';

/** Far above what any of it takes; only a defect reaches it. */
const LIMIT_MS = 60_000;
/** Taken before a test can hold the clock. */
const now = performance.now.bind(performance);

/**
 * Lets real input and output happen until the condition holds. Turns no clock and needs none.
 *
 * @param turn passes the time between two looks
 */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  { limitMs = LIMIT_MS, turn = () => setImmediate() }: { limitMs?: number; turn?: () => Promise<unknown> } = {},
): Promise<void> {
  const giveUpAt = now() + limitMs;
  while (!(await condition())) {
    if (now() > giveUpAt) {
      throw new Error(`It never came about that ${what}.`);
    }
    await turn();
  }
}
