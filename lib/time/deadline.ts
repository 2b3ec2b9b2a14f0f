import { ioClock, type Clock } from './clock.js';

/**
 * Calls back after `limitMs`. In a burst, timers fire before the event loop has read responses that are already
 * there. So the loop turns twice more before the work counts as late.
 *
 * @returns a function that cancels it
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

/**
 * Settles with the work, or rejects after `limitMs` or with the signal's reason. The work may still be carried
 * out.
 */
export function withDeadline<T>(
  work: Promise<T>,
  limitMs: number,
  clock: Clock = ioClock,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal?.reason as Error);
    };
    const cancel = afterDeadline(limitMs, clock, () => reject(new Error(`no answer within ${limitMs} ms`)));
    signal?.addEventListener('abort', onAbort);
    work.then(resolve, reject).finally(finish);
  });
}
