/** Held by the one instance that asks the token endpoint. */
export interface LockLease {
  /** How long it has been held by this machine's clock, in ms; counted from before it was asked for. */
  readonly ageMs: number;
  /** Ends the lease unless it has run out and is somebody else's by now. Never rejects. */
  release(): Promise<void>;
}

/** What one try came to: the lease, or who has it, if that is known. */
export type LockAttempt =
  { readonly lease: LockLease } | { readonly lease?: undefined; readonly heldBy: string | null };

/**
 * Mutual exclusion around the token endpoint. It only saves token requests: whoever loses the lock costs one more
 * request, never a wrong token.
 */
export interface RefreshLock {
  /** One try; `undefined` when there is no lock to be had at present. A lease ends by itself after `lifeMs`. */
  tryAcquire(key: string, lifeMs: number): Promise<LockAttempt | undefined>;
}
