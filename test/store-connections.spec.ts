import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import KeyvRedis, { createClient, createCluster, createKeyv, createSentinel, type RedisClientType } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { RedisCluster } from './support/redis-cluster.js';
import { RedisSentinel } from './support/redis-sentinel.js';
import { RedisServer } from './support/redis-server.js';
import { TcpProxy } from './support/tcp-proxy.js';

let redis: RedisServer;
let simulator: QuiqupSimulator;
let apps: QuiqupApp[];
/** Further resources that end after a test. */
let ending: (() => Promise<unknown>)[];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.command('FLUSHALL');
  simulator = await new QuiqupSimulator().start();
  apps = [];
  ending = [];
});
afterEach(async () => {
  await Promise.all(apps.map(({ app }) => app.close()));
  for (const end of ending) {
    await end();
  }
  await simulator.stop();
});

async function start(cache: QuiqupAuthModuleOptions['cache'], module: Partial<QuiqupAuthModuleOptions> = {}) {
  const quiqup = await QuiqupApp.start({ simulator, module: { cache, ...module } });
  apps.push(quiqup);
  return quiqup;
}

function cacheOf(keyv: Keyv): Cache {
  keyv.on('error', () => undefined);
  const cache = createCache({ stores: [keyv] });
  ending.push(() => cache.disconnect().catch(() => undefined));
  return cache;
}

const cacheWith = (client: RedisClientType): Cache =>
  cacheOf(new Keyv({ store: new KeyvRedis(client) as KeyvStoreAdapter, useKeyPrefix: false }));

async function slowWay(delayMs: number): Promise<TcpProxy> {
  const way = await TcpProxy.start(redis.port, delayMs);
  ending.push(() => way.stop());
  return way;
}

const storeEvents = ({ events }: QuiqupApp): string[] =>
  events.map(({ type }) => type).filter((type) => type.startsWith('store-'));
const requests = (): number => simulator.counters.tokenRequests;
/** Whether a client other than `redis-cli` is connected. */
const isOpen = async (): Promise<boolean> =>
  (await redis.command('CLIENT', 'LIST', 'TYPE', 'normal')).trim().split('\n').length > 1;

describe('A client of the application that is still connecting', () => {
  it.each([true, false])(
    'is waited for, and counts as no lost store (offline queue disabled: %p)',
    async (isDisabled) => {
      const way = await slowWay(150);
      const clients = [1, 2].map(
        () => createClient({ url: way.url, disableOfflineQueue: isDisabled }) as RedisClientType,
      );
      const both = await Promise.all(clients.map((client) => start(cacheWith(client))));
      const connected = clients.map((client) => client.connect());
      const tokens = await Promise.all(both.map((app) => app.tokens.getAccessToken()));
      await Promise.all(connected);
      expect(new Set(tokens).size).toBe(1);
      expect(requests()).toBe(1);
      expect(both.flatMap(storeEvents)).toEqual([]);
    },
  );

  it('is waited for on a cluster, and with Sentinel', async () => {
    const [cluster, deployment] = await Promise.all([RedisCluster.start(), RedisSentinel.start()]);
    const stop = async (): Promise<unknown> => Promise.all([cluster.stop(), deployment.stop()]);
    const rootNodes = cluster.nodes.map(({ url }) => ({ url }));
    const { name, sentinel } = deployment;
    const clients = [
      ...[1, 2].map(() => createCluster({ rootNodes, defaults: { disableOfflineQueue: true } })),
      ...[1, 2].map(() => createSentinel({ name, sentinelRootNodes: [{ host: '127.0.0.1', port: sentinel.port }] })),
    ];
    for (const both of [clients.slice(0, 2), clients.slice(2)]) {
      simulator.resetCounters();
      const started = await Promise.all(both.map((client) => start(cacheWith(client as unknown as RedisClientType))));
      const connected = both.map((client) => client.connect());
      await Promise.all(started.map((app) => app.tokens.getAccessToken()));
      await Promise.all(connected);
      expect(requests()).toBe(1);
      expect(started.flatMap(storeEvents)).toEqual([]);
    }
    ending.push(stop);
  });

  it('and never gets there is given nothing that it would send later', async () => {
    const way = await slowWay(0);
    const { port } = way;
    await way.stop();
    ending.pop();
    const app = await start(cacheOf(createKeyv(`redis://127.0.0.1:${port}`)), { timeouts: { store: 100 } });
    await app.tokens.getAccessToken();
    expect(storeEvents(app)).toEqual(['store-lost']);
    expect(app.log.lines.join()).toContain('ECONNREFUSED');
  });
});

describe('A Redis that takes 250 ms for a command', () => {
  it('is used, and used again after its connections were cut', async () => {
    const way = await slowWay(250);
    const app = await start({ redis: way.url }, { timeouts: { store: 400 } });
    const first = await app.tokens.getAccessToken();
    way.cut();
    expect(await app.tokens.refresh()).not.toBe(first);
    expect(storeEvents(app)).toEqual([]);
    expect(await redis.keys()).toEqual([expect.stringMatching(/:token$/)]);
  });
});

/** It is about which command fails, not about how long a busy machine takes for one. */
const PATIENT = { timeouts: { wait: 20_000, store: 5_000 } };

/** The time between the requests for two tokens: longer than a busy machine takes for one command. */
const GAP_MS = 500;

describe('A connection that died while nobody used it', () => {
  it.each<[string, (url: string) => QuiqupAuthModuleOptions['cache']]>([
    ['of ours', (url) => ({ redis: url })],
    ['of the application', (url) => cacheOf(createKeyv(url))],
    ['of the application, without an offline queue', (url) => cacheOf(createKeyv({ url, disableOfflineQueue: true }))],
  ])('%s is made anew, and nothing is lost', async (_whose, cache) => {
    const way = await slowWay(0);
    const app = await start(cache(way.url), PATIENT);
    const other = await start({ redis: redis.url }, PATIENT);
    simulator.latency = GAP_MS;
    await app.tokens.getAccessToken();
    const newer = await other.tokens.refresh();
    simulator.resetCounters();
    way.cut();
    expect(await app.tokens.reject(app.tokens.peek() ?? '')).toBe(newer);
    expect(requests()).toBe(0);
    expect(storeEvents(app)).toEqual([]);
  });

  it('is found with the lock, which the instance then recognises as its own', async () => {
    const way = await slowWay(60);
    const app = await start({ redis: way.url });
    await app.tokens.getAccessToken();
    simulator.resetCounters();
    way.takeSent();
    const refreshed = app.tokens.refresh();
    let sent = '';
    await eventually(() => (sent += way.takeSent()).includes('NX'), 'the lock was asked for');
    await eventually(async () => (await redis.keys()).some((key) => key.endsWith(':lock')), 'the lock was taken');
    way.cut();
    await refreshed;
    expect(requests()).toBe(1);
    expect(storeEvents(app)).toEqual([]);
    expect(app.events.at(-1)).toMatchObject({ type: 'acquired' });
    expect((await redis.keys()).filter((key) => key.endsWith(':lock'))).toEqual([]);
  });
});

describe('A connection that its owner has closed', () => {
  it('stays closed, however many calls there are', async () => {
    const cache = cacheOf(createKeyv(redis.url));
    const app = await start(cache);
    await app.tokens.getAccessToken();
    expect(await isOpen()).toBe(true);
    await cache.disconnect();
    await app.tokens.refresh();
    await app.tokens.refresh();
    await app.app.close();
    expect(await isOpen()).toBe(false);
    expect(app.log.lines).toEqual([]);
  });

  it('is used again when its owner opens it', async () => {
    const client = createClient({ url: redis.url }) as RedisClientType;
    await client.connect();
    const app = await start(cacheWith(client));
    await app.tokens.getAccessToken();
    await client.close();
    await app.tokens.refresh();
    await client.connect();
    await redis.command('FLUSHALL');
    await eventually(() => {
      void app.tokens.refresh().catch(() => undefined);
      return redis.keys().then((keys) => keys.some((key) => key.endsWith(':token')));
    }, 'the token was stored again');
  });
});

describe('A shutdown', () => {
  it('lets what is under way end, and is no outage', async () => {
    const way = await slowWay(40);
    const app = await start({ redis: way.url });
    await app.quiqup.axiosRef.get('/api/fulfilment/orders');
    simulator.revokeAll();
    await app.quiqup.axiosRef.get('/api/fulfilment/orders');
    await app.app.close();
    expect(app.log.lines).toEqual([]);
    expect(storeEvents(app)).toEqual([]);
    const budget = (await redis.keys()).find((key) => key.endsWith(':budget')) ?? '';
    // The refund too: written once when the request was taken from it, and once more.
    expect(way.takeSent().split(budget).length - 1).toBeGreaterThanOrEqual(4);
    await eventually(async () => !(await isOpen()), 'the connection was closed');
  });

  it('closes a connection that is being made', async () => {
    const way = await slowWay(200);
    const app = await start({ redis: way.url });
    void app.tokens.getAccessToken().catch(() => undefined);
    await eventually(() => way.takeSent() !== '', 'the client had connected');
    await app.app.close();
    await eventually(async () => !(await isOpen()), 'the connection was closed');
    expect(app.log.lines).toEqual([]);
  });
});
