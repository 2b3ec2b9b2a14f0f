import { ioClock, systemRandom } from '../time/index.js';
import { connectLimitOf } from './redis-entries.js';
import { createRedisKeyv } from './redis-keyv.js';
import { redisOf } from './redis-of.js';

const PROBE_KEY = 'quiqup-auth:doctor:probe';

/**
 * Runs each command of the store and its lock once in a Redis, over its own connection.
 *
 * @param timeoutMs for each command
 * @throws the error of Redis or of the connection
 */
export async function probeRedis(url: string, timeoutMs: number): Promise<void> {
  const keyv = await createRedisKeyv(url, connectLimitOf(timeoutMs));
  const entries = redisOf([keyv], { isOwn: true, timeoutMs, clock: ioClock, random: systemRandom });
  if (entries === undefined) {
    throw new Error('the installed @keyv/redis is not one that this package knows');
  }
  try {
    await entries.probe(PROBE_KEY);
  } finally {
    await entries.settled();
    await entries.connection.close();
  }
}
