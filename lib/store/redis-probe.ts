import { systemRandom, withDeadline } from '../time/index.js';
import { createRedisCache } from './redis-cache.js';
import { redisOf } from './redis-of.js';

const PROBE_KEY = 'quiqup-auth:doctor:probe';

/**
 * Does in a Redis what the store and its lock do there, once, over a connection of its own.
 *
 * @param timeoutMs for all of it, and as much to clear up
 * @throws what Redis, or the way to it, says
 */
export async function probeRedis(url: string, timeoutMs: number): Promise<void> {
  const entries = redisOf(await createRedisCache(url, timeoutMs), systemRandom);
  if (entries === undefined) {
    throw new Error('the installed @keyv/redis is not one that this package knows');
  }
  try {
    await withDeadline(entries.probe(PROBE_KEY), timeoutMs);
    await withDeadline(entries.remove(PROBE_KEY), timeoutMs);
  } finally {
    await entries.disconnect().catch(() => undefined);
  }
}
