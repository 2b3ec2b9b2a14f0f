/** Held by the one instance that requests a token. */
export interface LockLease {
  /** How long it has been held, in ms by this machine's clock, from before the command was sent. */
  readonly ageMs: number;
  /** Ends the lease, unless it has expired and belongs to another instance now. Never rejects. */
  release(): Promise<void>;
}

/** The result of one try: the lease, or its holder if known. */
export type LockAttempt =
  { readonly lease: LockLease } | { readonly lease?: undefined; readonly heldBy: string | null };

/**
 * Mutual exclusion around the token endpoint. It only saves token requests: a lost lock costs one more
 * request, never a wrong token.
 */
export interface RefreshLock {
  /** One try. Returns `undefined` if the lock does not work now. A lease ends by itself after `lifeMs`. */
  tryAcquire(key: string, lifeMs: number): Promise<LockAttempt | undefined>;
}
