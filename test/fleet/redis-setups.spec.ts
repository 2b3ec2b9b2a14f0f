import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import KeyvRedis, { createKeyv } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { eventually } from '../support/eventually.js';
import { QuiqupApp } from '../support/quiqup-app.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { RedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { print } from './driver/scenario.js';

const CALLS = 20;

/** So long that finding a cluster or a master, on a busy machine, does not count as a loss. */
const STORE_DEADLINE_MS = 2_500;

/** All that a user of Redis needs, as docs/fleet.md has it. */
const COMMANDS = ['+get', '+getrange', '+set', '+pttl', '+del', '+unlink', '+eval'];

let simulator: QuiqupSimulator;
let instances: QuiqupApp[];
let caches: Cache[];

/** Two instances, each with a cache of its own. */
async function start(cache: () => QuiqupAuthModuleOptions['cache']): Promise<void> {
  const one = () => QuiqupApp.start({ simulator, module: { cache: cache(), timeouts: { store: STORE_DEADLINE_MS } } });
  instances = await Promise.all([one(), one()]);
}

/** A cache of cache-manager, as an application has it. */
function cacheOf(...stores: Keyv[]): Cache {
  stores.forEach((store) => store.on('error', () => undefined));
  const cache = createCache({ stores });
  caches.push(cache);
  return cache;
}

const keyvOf = (adapter: KeyvRedis<unknown>): Keyv => new Keyv({ store: adapter as KeyvStoreAdapter });

/** All instances make calls at once; returns the statuses that there were. */
async function call(): Promise<number[]> {
  const calls = instances.flatMap(({ quiqup }) =>
    Array.from({ length: CALLS }, () => quiqup.axiosRef.get('/api/fulfilment/orders', { validateStatus: null })),
  );
  return [...new Set((await Promise.all(calls)).map(({ status }) => status))];
}

const shareOneToken = (): boolean => new Set(instances.map(({ tokens }) => tokens.peek())).size === 1;

/**
 * One request for both instances at a cold start, and one when the token is revoked.
 *
 * @param keys all keys in Redis; they are looked at while the token is asked for
 */
async function expectOneTokenForAll(setup: string, keys: () => Promise<string[]>): Promise<void> {
  simulator.stall(500, { on: 'token' });
  const coldCalls = call();
  await eventually(() => simulator.counters.tokenRequests > 0, 'the token endpoint was asked');
  const keysMeanwhile = await keys();
  expect(await coldCalls).toEqual([200]);
  const { tokenRequests: cold } = simulator.counters;
  simulator.resetCounters();
  simulator.revokeAll();
  expect(await call()).toEqual([200]);
  const { tokenRequests: revoked } = simulator.counters;
  print(setup, { 'token requests cold': cold, 'after a revocation': revoked });
  expect([cold, revoked]).toEqual([1, 1]);
  expect(shareOneToken()).toBe(true);
  // Both instances are in one process here; those of a fleet have nothing but Redis to agree by.
  expect(keysMeanwhile).toEqual([expect.stringMatching(/:lock$/)]);
  expect(await keys()).toContainEqual(expect.stringMatching(/:token$/));
}

beforeEach(async () => {
  simulator = await new QuiqupSimulator().start();
  instances = [];
  caches = [];
});
afterEach(async () => {
  await Promise.all(instances.map(({ app }) => app.close()));
  await Promise.all(caches.map((cache) => cache.disconnect().catch(() => undefined)));
  await simulator.stop();
});

describe('On a single Redis, two instances make one token request', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());
  beforeEach(() => redis.command('FLUSHALL'));

  const keys = (): Promise<string[]> => redis.keys();

  it('that the module connects to', async () => {
    await start(() => ({ redis: redis.url }));
    await expectOneTokenForAll('single Redis', keys);
    // As the ACL of docs/fleet.md has it.
    expect(await keys()).toEqual((await keys()).filter((key) => key.startsWith('quiqup-auth:')));
  });

  it('that a cache of theirs is connected to', async () => {
    await start(() => cacheOf(keyvOf(new KeyvRedis(redis.url))));
    await expectOneTokenForAll('single Redis, own cache', keys);
  });

  it('behind the memory of a two-tier cache', async () => {
    await start(() => cacheOf(new Keyv(), createKeyv(redis.url)));
    await expectOneTokenForAll('two-tier cache', keys);
  });

  it('in a namespace, by a user that may touch nothing else, with the commands that it needs', async () => {
    const rules = ['on', '>shop-password', '~shop*', ...COMMANDS];
    await redis.command('ACL', 'SETUSER', 'shop', ...rules);
    const url = redis.url.replace('//', '//shop:shop-password@');
    await start(() => cacheOf(createKeyv(url, { namespace: 'shop' })));
    await expectOneTokenForAll('namespace and ACL', keys);
    expect((await keys()).filter((key) => !key.startsWith('shop'))).toEqual([]);
    for (const { log } of instances) {
      expect(log.lines.filter((line) => line.includes('store'))).toEqual([]);
    }
  });
});

describe('On a Redis Cluster, two instances make one token request', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  it('whichever node keeps the token', async () => {
    const rootNodes = cluster.nodes.map(({ url }) => ({ url }));
    await start(() => cacheOf(keyvOf(new KeyvRedis({ rootNodes }))));
    await expectOneTokenForAll('Redis Cluster', () => cluster.keys());
  });
});

describe('With Sentinel, two instances make one token request', () => {
  let deployment: RedisSentinel;
  beforeAll(async () => {
    deployment = await RedisSentinel.start();
  });
  afterAll(() => deployment.stop());

  it('before a failover and after it, and no call fails meanwhile', async () => {
    const { name, sentinel } = deployment;
    const sentinelRootNodes = [{ host: '127.0.0.1', port: sentinel.port }];
    await start(() => cacheOf(keyvOf(new KeyvRedis({ name, sentinelRootNodes }))));
    await expectOneTokenForAll('Sentinel', () => deployment.master.keys());

    // So short that the instances soon have reason to look for the store again.
    simulator.lifetime = 2;
    const failover = deployment.failOver();
    expect(await call()).toEqual([200]);
    simulator.revokeAll();
    expect(await call()).toEqual([200]);
    await failover;
    await untilOneTokenServesAll();
    simulator.lifetime = 3_600;
    await untilOneTokenServesAll();

    simulator.resetCounters();
    simulator.revokeAll();
    expect(await call()).toEqual([200]);
    const { tokenRequests } = simulator.counters;
    print('Sentinel after a failover', { 'token requests': tokenRequests });
    expect(tokenRequests).toBe(1);
  });
});

/** Waits until all instances have a new token. */
async function untilOneTokenServesAll(): Promise<void> {
  const before = new Set(instances.map(({ tokens }) => tokens.peek()));
  await until(async () => {
    expect(await call()).toEqual([200]);
    return shareOneToken() && !before.has(instances[0]?.tokens.peek());
  }, 'one token served both');
}
