import type { Keyv } from 'keyv';
import { QuiqupConfigError } from '../errors/index.js';
import type { RedisClient } from './redis-client.js';

/** As Node, Yarn's PnP and webpack say it by a code, and Jest by its message. */
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
 * A `Keyv` over a Redis connection of its own, opened with the first command.
 *
 * By default a command given while Redis is away waits without end; the settings here make it fail at once. The client
 * does not connect anew by itself: commands and probes do, which end with the application. It keeps no process alive.
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
  // Failed commands report themselves; without a listener a lost connection would end the process.
  keyv.on('error', () => undefined);
  (keyv.store as { readonly client: RedisClient }).client.unref?.();
  return keyv;
}
