import type { Clock, Random } from '../time/index.js';
import type { RedisEntries } from './redis-entries.js';
import type { LockAttempt, RefreshLock } from './refresh-lock.js';
import type { StoreCircuitBreaker } from './store-circuit-breaker.js';

/**
 * The lock that a fleet shares: a key that only one can set, gone by itself after a while. One Redis, no quorum: a
 * lock that is lost in a failover costs one token request.
 */
export class RedisLock implements RefreshLock {
  /** Private in earnest: a Redis client shows its password. */
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
    const { breaker, clock } = this;
    const takenAt = clock.now();
    const owner = this.random.id();
    const release = async (): Promise<void> => {
      await breaker.run(() => entries.free(key, owner));
    };
    const taken = await breaker.run(
      () => entries.take(key, owner, lifeMs),
      () => void entries.abandon(key, owner),
    );
    if (taken === undefined) {
      return undefined;
    }
    if (taken.value) {
      const lease = {
        get ageMs() {
          return clock.now() - takenAt;
        },
        release,
      };
      return { lease };
    }
    const holder = await breaker.run(() => entries.ownerOf(key));
    return holder && { heldBy: holder.value };
  }
}
