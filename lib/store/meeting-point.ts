import { Logger } from '@nestjs/common';
import { createCache, type Cache } from 'cache-manager';
import { CacheEntries } from './cache-entries.js';
import { CacheTokenStore } from './cache-token-store.js';
import { ProcessLock } from './process-lock.js';
import { createRedisCache } from './redis-cache.js';
import { redisOf } from './redis-of.js';
import { RedisLock } from './redis-lock.js';
import type { RefreshLock } from './refresh-lock.js';
import type { StoreListener } from './store-state.js';
import type { TokenStore } from './token-store.js';

/** Where the instances of one account meet. */
export interface MeetingPoint {
  readonly store: TokenStore;
  readonly lock: RefreshLock;
}

interface MeetingPointOptions {
  /** URL of a Redis to connect to. */
  readonly redis: string | undefined;
  /** A cache of the application's. */
  readonly store: Cache | undefined;
}

async function ownCache(redis: string | undefined, timeoutMs: number): Promise<Cache> {
  return redis === undefined ? createCache() : createRedisCache(redis, timeoutMs);
}

/**
 * The store and the lock that belongs to it: both in Redis where the cache is there, else the process's own lock.
 *
 * @param timeoutMs deadline of one command
 */
export async function createMeetingPoint(
  { redis, store: given }: MeetingPointOptions,
  timeoutMs: number,
  listener: StoreListener,
): Promise<MeetingPoint> {
  const isOwn = given === undefined;
  const cache = given ?? (await ownCache(redis, timeoutMs));
  const redisEntries = redisOf(cache, isOwn);
  const store = new CacheTokenStore(redisEntries ?? new CacheEntries(cache), timeoutMs, listener);
  if (redisEntries !== undefined) {
    return { store, lock: new RedisLock(redisEntries, store.link) };
  }
  if (!isOwn) {
    new Logger('QuiqupAuthStore').warn(
      'The given cache has no Redis store, so that instances cannot take turns at the token endpoint: those that need ' +
        'a token in the same moment may each ask for one. Give a cache with a store of @keyv/redis, or cache.redis.',
    );
  }
  return { store, lock: new ProcessLock() };
}
