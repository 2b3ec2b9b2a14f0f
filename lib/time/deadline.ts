import { ioClock, type Clock } from './clock.js';

/**
 * Calls back after `limitMs`. Under a burst, timers fire before the event loop has read responses that are already
 * there. So the loop turns twice more before something counts as late.
 *
 * @returns what cancels it
 */
export function afterDeadline(limitMs: number, clock: Clock, expire: () => void): () => void {
  let isCancelled = false;
  const timer = clock.setTimeout(
    () => clock.setImmediate(() => clock.setImmediate(() => void (isCancelled || expire()))),
    limitMs,
  );
  return () => {
    isCancelled = true;
    clock.clearTimeout(timer);
  };
}

/** Settles with the work, or rejects after `limitMs`, though the work may still be carried out. */
export function withDeadline<T>(work: Promise<T>, limitMs: number, clock: Clock = ioClock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = afterDeadline(limitMs, clock, () => reject(new Error(`no answer within ${limitMs} ms`)));
    work.then(resolve, reject).finally(cancel);
  });
}
