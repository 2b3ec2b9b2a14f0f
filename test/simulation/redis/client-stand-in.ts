import type { RedisNetwork } from './network.js';
import { SimulatedRedisClient } from './redis-client.js';

/**
 * Replaces `@redis/client` in the bundle, so that the real `@keyv/redis` with the settings of
 * `lib/store/redis-keyv.ts` opens its connection in the simulated network.
 */
const networks = new Map<string, RedisNetwork>();
const clients = new WeakMap<RedisNetwork, SimulatedRedisClient>();

interface GivenOptions {
  readonly url: string;
  readonly disableOfflineQueue?: boolean;
  readonly socket?: { readonly connectTimeout?: number; readonly reconnectStrategy?: unknown };
}

/** The URL by which `createClient` finds this network. */
export function urlOf(network: RedisNetwork): string {
  const { name } = network.machine;
  networks.set(name, network);
  return `redis://${name}:6379`;
}

/** The client that was created last in this network. */
export function clientOf(network: RedisNetwork): SimulatedRedisClient | undefined {
  return clients.get(network);
}

export function createClient({ url, socket }: GivenOptions): SimulatedRedisClient {
  const network = networks.get(new URL(url).hostname);
  if (network === undefined) {
    throw new Error(`no simulated network for ${url}`);
  }
  const client = new SimulatedRedisClient(network, {
    reconnects: socket?.reconnectStrategy !== false,
    connectTimeoutMs: socket?.connectTimeout ?? 5_000,
  });
  clients.set(network, client);
  return client;
}

function isNotSimulated(): never {
  throw new Error('clusters and sentinels are not simulated');
}

export const createCluster = isNotSimulated;
export const createSentinel = isNotSimulated;
