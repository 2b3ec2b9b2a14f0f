import { createCache, type Cache } from 'cache-manager';
import { QuiqupConfigError } from '../errors/index.js';

/** A cache that is the module's own, with what ends its connection. */
export interface OwnCache {
  readonly cache: Cache;
  readonly disconnect: () => Promise<void>;
}

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
export async function createRedisCache(url: string, timeoutMs: number): Promise<OwnCache> {
  const { default: KeyvRedis, Keyv } = await importKeyvRedis();
  const adapter = new KeyvRedis(
    { url, disableOfflineQueue: true, socket: { connectTimeout: timeoutMs, reconnectStrategy: false } },
    { throwOnErrors: true },
  );
  const keyv = new Keyv(adapter, { useKeyPrefix: false, throwOnErrors: true });
  // Failed commands report themselves; without a listener a lost connection would end the process.
  keyv.on('error', () => undefined);
  return {
    cache: createCache({ stores: [keyv] }),
    // At once: all that was sent has been answered or given up, and a server that hangs would keep the process alive.
    disconnect: () => adapter.disconnect(true).catch(() => undefined),
  };
}
