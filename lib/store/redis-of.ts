import type { Keyv } from 'keyv';
import { redisAdapterOf } from './redis-client.js';
import { RedisEntries, type RedisEntriesOptions } from './redis-entries.js';

/** The first Redis among a cache's stores, if there is one. */
export function redisOf(
  stores: readonly Keyv[],
  options: Omit<RedisEntriesOptions, 'keyv' | 'adapter'>,
): RedisEntries | undefined {
  for (const keyv of stores) {
    const adapter = redisAdapterOf(keyv);
    if (adapter !== undefined) {
      return new RedisEntries({ ...options, keyv, adapter });
    }
  }
  return undefined;
}
