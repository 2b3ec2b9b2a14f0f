/** Held by the one instance that asks the token endpoint. */
export interface LockLease {
  /** Ends the lease unless it has run out and is somebody else's by now. Never rejects. */
  release(): Promise<void>;
}

/**
 * Mutual exclusion around the token endpoint. It only saves token requests: whoever loses the lock costs one more
 * request, never a wrong token.
 */
export interface RefreshLock {
  /** One try: the lease, or `undefined` while another holds it. It ends by itself after `lifeMs`. */
  tryAcquire(key: string, lifeMs: number): Promise<LockLease | undefined>;
}
