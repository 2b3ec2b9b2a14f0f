import type { Keyv } from 'keyv';
import { QuiqupConfigError } from '../errors/index.js';
import type { RedisClient } from './redis-client.js';

/** Node, Yarn's PnP and webpack mark the error by a code, Jest by its message. */
function isMissing(error: unknown): boolean {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  return (
    code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || /^Cannot find (?:module|package)/.test(message)
  );
}

async function importKeyvRedis(): Promise<typeof import('@keyv/redis')> {
  try {
    return await import('@keyv/redis');
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
    throw new QuiqupConfigError([
      { path: 'cache.redis', problem: 'needs a package that is not installed: npm install @keyv/redis@5 keyv@5' },
    ]);
  }
}

/**
 * A `Keyv` over its own Redis connection, which opens with the first command.
 *
 * By default a command waits without end while Redis is away; the settings here make it fail at once. The client
 * does not reconnect by itself: commands and probes do, and they end with the application. It keeps no process alive.
 *
 * @param connectLimitMs for TCP and TLS
 */
export async function createRedisKeyv(url: string, connectLimitMs: number): Promise<Keyv> {
  const { createKeyv } = await importKeyvRedis();
  const keyv = createKeyv({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectLimitMs, reconnectStrategy: false },
  });
  // Failed commands report the error. Without a listener a lost connection would end the process.
  keyv.on('error', () => undefined);
  (keyv.store as { readonly client: RedisClient }).client.unref?.();
  return keyv;
}
