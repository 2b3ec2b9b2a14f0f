import type { Cache } from 'cache-manager';
import type { Keyv } from 'keyv';
import type { Random } from '../time/index.js';
import { RedisEntries, redisAdapterOf } from './redis-entries.js';

/**
 * The Redis among the cache's stores, if there is one: a cache of several tiers answers from its first, memory, what
 * another instance has replaced long ago.
 */
export function redisOf(cache: Cache, random: Random): RedisEntries | undefined {
  const stores: readonly Keyv[] = Array.isArray(cache.stores) ? cache.stores : [];
  for (const keyv of stores) {
    const adapter = redisAdapterOf(keyv);
    if (adapter !== undefined) {
      return new RedisEntries(keyv, adapter, random);
    }
  }
  return undefined;
}
