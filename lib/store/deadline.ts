// Not the globals: these limits are for real input and output, also where an application's tests turn the clock.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/** The work did not settle in time. It may still be carried out. */
export class DeadlineExceeded extends Error {
  constructor(readonly limitMs: number) {
    super(`no answer within ${limitMs} ms`);
  }
}

/**
 * Settles with the work, or rejects with {@link DeadlineExceeded} after `limitMs`.
 *
 * Under a burst, timers fire before the event loop has read answers that are already there, so the loop turns twice
 * more before the work counts as lost.
 */
export function withDeadline<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => setImmediate(() => reject(new DeadlineExceeded(limitMs))));
    }, limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
