import { createCache, type Cache } from 'cache-manager';
import { ioClock, systemClock, systemRandom, type Clock, type Random } from '../time/index.js';
import { CacheEntries } from './cache-entries.js';
import { CacheTokenStore } from './cache-token-store.js';
import { ProcessLock } from './process-lock.js';
import { createRedisCache } from './redis-cache.js';
import { RedisLock } from './redis-lock.js';
import { redisOf } from './redis-of.js';
import type { RefreshLock } from './refresh-lock.js';
import { storeLog } from './store-log.js';
import type { StoreListener } from './store-state.js';
import type { TokenStore } from './token-store.js';

/** How the instances of a fleet coordinate: the store and the lock that belongs to it. */
export interface Coordination {
  readonly store: TokenStore;
  readonly lock: RefreshLock;
  /** The application is being destroyed: a connection that its owner has closed is not opened again. */
  stopReconnecting(): void;
  /** Ends the probes, and the connection where it was opened here. */
  close(): Promise<void>;
}

export interface CoordinationOptions {
  /** URL of a Redis to connect to. */
  readonly redis: string | undefined;
  /** A cache of the application's. */
  readonly store: Cache | undefined;
  /** Deadline of one command, in ms. */
  readonly timeoutMs: number;
  readonly listener: StoreListener;
}

/** What a simulation replaces. */
export interface CoordinationSurroundings {
  readonly clock: Clock;
  readonly ioClock: Clock;
  readonly random: Random;
}

const REAL: CoordinationSurroundings = { clock: systemClock, ioClock, random: systemRandom };

/** Both in Redis where the cache is there, else in the memory of this process. */
export async function createCoordination(
  { redis, store: given, timeoutMs, listener }: CoordinationOptions,
  { clock, ioClock: deadlines, random }: CoordinationSurroundings = REAL,
): Promise<Coordination> {
  const isOwn = given === undefined;
  const cache = given ?? (redis === undefined ? createCache() : await createRedisCache(redis, timeoutMs));
  const entries = redisOf(cache, random);
  // A host that is gone without a word answers on no connection that it had. Only our own is ours to give up.
  const disconnect = isOwn ? entries?.disconnect.bind(entries) : undefined;
  const store = new CacheTokenStore(
    entries ?? new CacheEntries(cache),
    { timeoutMs, listener, onProbeFailed: disconnect, clock: deadlines },
    clock,
  );
  if (entries === undefined && !isOwn) {
    storeLog.notShared();
  }
  return {
    store,
    lock: entries === undefined ? new ProcessLock(clock, random) : new RedisLock(entries, store.breaker, clock, random),
    stopReconnecting: () => entries?.stopReconnecting(),
    close: async () => {
      store.breaker.stop();
      await disconnect?.().catch(() => undefined);
    },
  };
}
