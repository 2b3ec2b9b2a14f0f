import { randomUUID } from 'node:crypto';
import type { RedisEntries } from './redis-entries.js';
import type { LockAttempt, RefreshLock } from './refresh-lock.js';
import type { StoreLink } from './store-link.js';

/**
 * The lock that a fleet shares: a key that only one can set, gone by itself after a while. One Redis, no quorum: a
 * lock that is lost in a failover costs one token request.
 */
export class RedisLock implements RefreshLock {
  /** Private in earnest: a Redis client shows its password. */
  readonly #entries: RedisEntries;

  constructor(
    entries: RedisEntries,
    private readonly link: StoreLink,
  ) {
    this.#entries = entries;
  }

  async tryAcquire(key: string, lifeMs: number): Promise<LockAttempt | undefined> {
    const entries = this.#entries;
    const { link } = this;
    const takenAt = performance.now();
    const owner = randomUUID();
    const release = async (): Promise<void> => {
      await link.run(() => entries.free(key, owner));
    };
    const taken = await link.run(
      () => entries.take(key, owner, lifeMs),
      () => void entries.abandon(key, owner),
    );
    if (taken === undefined) {
      return undefined;
    }
    if (taken.value) {
      const lease = {
        get ageMs() {
          return performance.now() - takenAt;
        },
        release,
      };
      return { lease };
    }
    const holder = await link.run(() => entries.ownerOf(key));
    return holder && { heldBy: holder.value };
  }
}
