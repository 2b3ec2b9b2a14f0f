import type { Clock, Random } from '../time/index.js';
import type { RedisEntries } from './redis-entries.js';
import type { LockAttempt, LockLease, RefreshLock } from './refresh-lock.js';
import type { StoreCircuitBreaker } from './store-circuit-breaker.js';

/**
 * The lock that a fleet shares: a key that only one instance can set and that expires. One Redis, no quorum: a
 * lock that is lost in a failover costs one token request.
 */
export class RedisLock implements RefreshLock {
  /** A `#` field: a printed Redis client shows its password. */
  readonly #entries: RedisEntries;

  constructor(
    entries: RedisEntries,
    private readonly breaker: StoreCircuitBreaker,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    this.#entries = entries;
  }

  async tryAcquire(key: string, lifeMs: number): Promise<LockAttempt | undefined> {
    const entries = this.#entries;
    const { breaker } = this;
    const takenAt = this.clock.now();
    const owner = this.random.id();
    const taken = await breaker.run(() => entries.take(key, owner, lifeMs));
    if (taken === undefined) {
      return undefined;
    }
    if (taken.value) {
      return { lease: this.lease(key, owner, takenAt) };
    }
    const holder = await breaker.run(() => entries.ownerOf(key));
    if (holder === undefined) {
      return undefined;
    }
    // The connection broke, so the command was sent twice, and the first one had succeeded.
    return holder.value === owner ? { lease: this.lease(key, owner, takenAt) } : { heldBy: holder.value };
  }

  private lease(key: string, owner: string, takenAt: number): LockLease {
    const entries = this.#entries;
    const { breaker, clock } = this;
    return {
      get ageMs() {
        return clock.now() - takenAt;
      },
      release: async () => {
        if (breaker.isLost) {
          // Another command may have failed: this one can still arrive.
          entries.freeLater(key, owner);
        } else {
          await breaker.run(() => entries.free(key, owner));
        }
      },
    };
  }
}
