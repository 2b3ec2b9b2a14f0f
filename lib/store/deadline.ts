// Not the globals: these limits are for real input and output, also where an application's tests turn the clock.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/**
 * Settles with the work, or rejects after `limitMs`, though the work may still be carried out.
 *
 * Under a burst, timers fire before the event loop has read answers that are already there, so the loop turns twice
 * more before the work counts as lost.
 */
export function withDeadline<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => setImmediate(() => reject(new Error(`no answer within ${limitMs} ms`))));
    }, limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
