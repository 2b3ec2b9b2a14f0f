import { createCache, type Cache } from 'cache-manager';
import { ioClock, systemClock, systemRandom, type Clock, type Random } from '../time/index.js';
import { CacheEntries, sharedStoreOf, type SharedStore } from './cache-entries.js';
import { CacheTokenStore } from './cache-token-store.js';
import { ProcessLock } from './process-lock.js';
import { connectLimitOf, type RedisEntries } from './redis-entries.js';
import { createRedisKeyv } from './redis-keyv.js';
import { RedisLock } from './redis-lock.js';
import { redisOf } from './redis-of.js';
import type { RefreshLock } from './refresh-lock.js';
import { StoreLog } from './store-log.js';
import type { StoreListener } from './store-state.js';
import type { TokenStore } from './token-store.js';

/** How the instances of a fleet coordinate: the store and the lock that belongs to it. */
export interface Coordination {
  readonly store: TokenStore;
  readonly lock: RefreshLock;
  /** The application shuts down: a connection that its owner closes is no loss, and is not opened again. */
  stopReconnecting(): void;
  /** Waits for running commands. Ends the probes, and the connection if this package opened it. */
  close(): Promise<void>;
}

export interface CoordinationOptions {
  /** URL of the Redis to connect to. */
  readonly redis: string | undefined;
  /** The application's cache. */
  readonly store: Cache | undefined;
  /** Time limit of one command, in ms. */
  readonly timeoutMs: number;
  readonly listener: StoreListener;
  /** The account's name in the log, if it has one. */
  readonly name?: string | undefined;
}

/** The parts that a simulation replaces. */
export interface CoordinationSurroundings {
  readonly clock: Clock;
  readonly ioClock: Clock;
  readonly random: Random;
}

const REAL: CoordinationSurroundings = { clock: systemClock, ioClock, random: systemRandom };

/** Both in Redis if the cache is in Redis, otherwise in the memory of this process. */
export async function createCoordination(
  options: CoordinationOptions,
  surroundings: CoordinationSurroundings = REAL,
): Promise<Coordination> {
  const { redis, store: given, timeoutMs } = options;
  const { ioClock: clock, random } = surroundings;
  const { stores } =
    redis === undefined
      ? (given ?? createCache())
      : { stores: [await createRedisKeyv(redis, connectLimitOf(timeoutMs))] };
  const entries = redisOf(stores, { isOwn: given === undefined, timeoutMs, clock, random });
  return entries === undefined
    ? coordinationByCache(sharedStoreOf(stores), options, surroundings)
    : coordinationByRedis(entries, options, surroundings);
}

function coordinationByRedis(
  entries: RedisEntries,
  { listener, name }: CoordinationOptions,
  { clock, ioClock: deadlines, random }: CoordinationSurroundings,
): Coordination {
  const { connection } = entries;
  const onProbeFailed = (): Promise<void> => connection.reset();
  const store = new CacheTokenStore(
    entries,
    { log: new StoreLog(name), listener, onProbeFailed, clock: deadlines },
    clock,
  );
  return {
    store,
    lock: new RedisLock(entries, store.breaker, clock, random),
    stopReconnecting: () => {
      store.breaker.beQuiet();
      connection.stopReconnecting();
    },
    close: async () => {
      await store.breaker.stop();
      await entries.settled();
      await connection.close();
    },
  };
}

function coordinationByCache(
  { keyv, isMemory }: SharedStore,
  { store: given, timeoutMs, listener, name }: CoordinationOptions,
  { clock, ioClock: deadlines, random }: CoordinationSurroundings,
): Coordination {
  const log = new StoreLog(name);
  if (given !== undefined) {
    log.withoutRedis(isMemory);
  }
  const entries = new CacheEntries(keyv, { timeoutMs, clock: deadlines });
  const store = new CacheTokenStore(entries, { log, listener, clock: deadlines }, clock);
  return {
    store,
    lock: new ProcessLock(clock, random),
    stopReconnecting: () => store.breaker.beQuiet(),
    close: () => store.breaker.stop(),
  };
}
