import KeyvRedis, { type RedisClientType } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import { clientOf, urlOf } from '../redis/client-stand-in.js';
import type { RedisNetwork } from '../redis/network.js';
import { SimulatedRedisClient } from '../redis/redis-client.js';
import type { CacheKind } from '../scenario/scenario.js';

/** The cache option of an instance, and its client. */
export interface SimulatedCache {
  readonly redis: string | undefined;
  readonly store: Cache | undefined;
  readonly client: () => SimulatedRedisClient | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;

export function createSimulatedCache(kind: CacheKind, network: RedisNetwork): SimulatedCache {
  switch (kind) {
    case 'memory':
      return { redis: undefined, store: undefined, client: () => undefined };
    case 'own':
      return { redis: urlOf(network), store: undefined, client: () => clientOf(network) };
    default: {
      const client = new SimulatedRedisClient(network, { reconnects: true, connectTimeoutMs: CONNECT_TIMEOUT_MS });
      return { redis: undefined, store: cacheOver(client, kind === 'given'), client: () => client };
    }
  }
}

/** As an application makes it that has read the documentation of `@keyv/redis`. */
function cacheOver(client: SimulatedRedisClient, throwOnErrors: boolean): Cache {
  const adapter = new KeyvRedis(client as unknown as RedisClientType, { throwOnErrors });
  const keyv = new Keyv(adapter, { useKeyPrefix: false, throwOnErrors });
  keyv.on('error', () => undefined);
  return createCache({ stores: [keyv] });
}
