import { systemClock, type Clock } from './clock.js';

/** Ends one caller's wait for shared work. The work goes on for other callers. */
export interface WaitOptions<T> {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Returns the caller's result after the limit; may throw. */
  readonly atLimit: () => T;
  /** Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** Settles with the work, or earlier: with `atLimit` after `limitMs`, or rejects with the signal's reason. */
export function settleWithin<T>(
  work: Promise<T>,
  { limitMs, signal, atLimit, clock = systemClock }: WaitOptions<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const finish = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal?.reason as Error);
    };
    const timer = clock.setTimeout(() => {
      finish();
      // In a `then`, so that an error of atLimit becomes a rejection.
      Promise.resolve().then(atLimit).then(resolve, reject);
    }, limitMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(finish);
  });
}

/** Waits, or rejects with the signal's reason. */
export function pauseFor(durationMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
  signal.throwIfAborted();
  const never = new Promise<void>(() => undefined);
  return settleWithin(never, { limitMs: durationMs, signal, atLimit: () => undefined, clock });
}
