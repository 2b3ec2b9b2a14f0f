/** Ends one caller's wait for work that others may wait for as well, and that goes on without them. */
export interface Patience<T> {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the caller gets when the limit has passed; may throw. */
  readonly atLimit: () => T;
}

/**
 * Settles as the work does, or earlier: with `atLimit` after `limitMs`, or rejected with the signal's reason.
 */
export function settleWithin<T>(work: Promise<T>, { limitMs, signal, atLimit }: Patience<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      finish();
      // In a then, so that what atLimit throws becomes a rejection.
      Promise.resolve().then(atLimit).then(resolve, reject);
    }, limitMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(finish);
  });
}

/** Waits, or rejects with the signal's reason. */
export function pauseFor(durationMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const never = new Promise<void>(() => undefined);
  return settleWithin(never, { limitMs: durationMs, signal, atLimit: () => undefined });
}
