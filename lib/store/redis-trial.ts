import type { Keyv } from 'keyv';
import { withDeadline } from './deadline.js';
import { createRedisCache } from './redis-cache.js';
import { RedisEntries, redisAdapterOf } from './redis-entries.js';

const TRIAL_KEY = 'quiqup-auth:doctor:probe';

/**
 * Does in a Redis what the store and its lock do there, once, over a connection of its own.
 *
 * @param timeoutMs for all of it, and as much to clear up
 * @throws what Redis, or the way to it, says
 */
export async function tryOutRedis(url: string, timeoutMs: number): Promise<void> {
  const cache = await createRedisCache(url, timeoutMs);
  const [keyv] = cache.stores as [Keyv];
  const adapter = redisAdapterOf(keyv);
  if (adapter === undefined) {
    throw new Error('the installed @keyv/redis is not one that this package knows');
  }
  const entries = new RedisEntries(keyv, adapter, true);
  try {
    await withDeadline(entries.tryOut(TRIAL_KEY), timeoutMs);
    await withDeadline(entries.remove(TRIAL_KEY), timeoutMs);
  } finally {
    await entries.hangUp().catch(() => undefined);
  }
}
