import { createCache, type Cache } from 'cache-manager';
import { QuiqupConfigError } from '../errors/index.js';

async function importKeyvRedis(): Promise<typeof import('@keyv/redis')> {
  try {
    return await import('@keyv/redis');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') {
      throw error;
    }
    throw new QuiqupConfigError([
      { path: 'cache.redis', problem: 'needs a package that is not installed: npm install @keyv/redis@5 keyv@5' },
    ]);
  }
}

/**
 * A cache over a Redis connection of its own, opened with the first command.
 *
 * By default a command given while Redis is away waits without end, and one that fails looks as if it had worked; the
 * settings here make both fail at once. The client does not connect anew by itself: probes do, which end with the
 * application.
 */
export async function createRedisCache(url: string, timeoutMs: number): Promise<Cache> {
  const { createKeyv } = await importKeyvRedis();
  const keyv = createKeyv(
    { url, disableOfflineQueue: true, socket: { connectTimeout: timeoutMs, reconnectStrategy: false } },
    { throwOnErrors: true },
  );
  // Failed commands report themselves; without a listener a lost connection would end the process.
  keyv.on('error', () => undefined);
  return createCache({ stores: [keyv] });
}
