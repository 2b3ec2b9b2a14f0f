import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import KeyvRedis, { createKeyv, type RedisClientType } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import type { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { RedisServer } from './support/redis-server.js';

let quiqup: QuiqupApp;
const start = async (cache: QuiqupAuthModuleOptions['cache'], simulator?: QuiqupSimulator): Promise<void> => {
  quiqup = await QuiqupApp.start({
    ...(simulator && { simulator }),
    module: { cache, timeouts: { store: 200 } },
  });
};
/** As another process of the same account would start, later. */
const startAgain = async (cache: QuiqupAuthModuleOptions['cache']): Promise<void> => {
  await quiqup.app.close();
  await start(cache, quiqup.simulator);
};
const call = () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
const repeat = <T>(times: number, work: () => Promise<T>): Promise<T>[] => Array.from({ length: times }, work);
const lines = (part: string): number => quiqup.log.lines.filter((line) => line.includes(part)).length;

afterEach(() => quiqup.stop());

describe('The entry in Redis', () => {
  let redis: RedisServer;
  let observer: Keyv;
  let client: RedisClientType;
  beforeAll(async () => {
    redis = await RedisServer.start();
    observer = createKeyv(redis.url);
    client = (await (observer.store as KeyvRedis<unknown>).getClient()) as RedisClientType;
  });
  afterAll(async () => {
    await observer.disconnect();
    await redis.stop();
  });
  beforeEach(async () => {
    await client.flushAll();
    await start({ redis: redis.url });
    await call();
  });

  const tokenKey = async (): Promise<string> => (await client.keys('*:token'))[0] ?? '';

  it('shows neither the token nor the credentials', async () => {
    const stored = [...(await client.keys('*')), await client.get(await tokenKey())].join('\n');
    expect(stored).toContain('quiqup-auth:{');
    for (const secret of [quiqup.tokens.peek() ?? '', 'simulated-client', 'simulated-secret']) {
      expect(stored).not.toContain(secret);
    }
  });

  it('outlives the token by ten minutes, for clocks differ', async () => {
    const padMs = (await client.pTTL(await tokenKey())) - 3_600_000;
    expect(padMs).toBeGreaterThan(9 * 60_000);
    expect(padMs).toBeLessThanOrEqual(10 * 60_000);
  });

  it.each<[string, (key: string, entry: string) => Promise<unknown>]>([
    ['text', (key) => client.set(key, 'rubbish')],
    ['nothing', (key) => client.set(key, '')],
    ['JSON of somebody else', (key) => client.set(key, '{"value":{"access_token":"t"}}')],
    ['another type of Redis', async (key) => [await client.del(key), await client.lPush(key, 'rubbish')]],
    [
      'an entry that was altered',
      (key, entry) =>
        client.set(
          key,
          entry.replace(/(?<=v1\..{40})./, (one) => (one === 'A' ? 'B' : 'A')),
        ),
    ],
    ['an entry that was cut off', (key, entry) => client.set(key, `${entry.slice(0, 40)}"}`)],
    ['an entry of another version', (key, entry) => client.set(key, entry.replace('v1.', 'v2.'))],
    ['more than any token is', (key) => client.set(key, JSON.stringify({ value: `v1.${'A'.repeat(1_000_000)}` }))],
  ])('that turns out to be rubbish is replaced, and costs no call (%s)', async (_kind, spoil) => {
    const key = await tokenKey();
    await spoil(key, (await client.get(key)) ?? '');
    await startAgain({ redis: redis.url });
    expect((await call()).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(2);
    await startAgain({ redis: redis.url });
    expect((await call()).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('is found by an instance with the same credentials, and by no other', async () => {
    const { simulator } = quiqup;
    simulator.addClient({ clientId: 'another-client', clientSecret: 'simulated-secret' });
    const other = await QuiqupApp.start({
      simulator,
      module: { cache: { redis: redis.url }, clientId: 'another-client' },
    });
    try {
      expect(await other.tokens.getAccessToken()).not.toBe(quiqup.tokens.peek());
      expect(await client.keys('*:token')).toHaveLength(2);
      expect(quiqup.tokenRequests).toBe(2);
    } finally {
      await other.app.close();
    }
  });
});

describe('Redis', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(() => redis.stop());

  it('that is away from the start costs no call, and is used once it is there', async () => {
    await redis.kill();
    await start({ redis: redis.url });
    const statuses = (await Promise.all(repeat(20, call))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(quiqup.tokenRequests).toBe(1);
    expect(lines('does not answer')).toBe(1);
    await redis.restart();
    await eventually(() => {
      void quiqup.tokens.refresh().catch(() => undefined);
      return lines('is back') === 1;
    }, 'the store was back');
  });

  it('that dies later costs no call', async () => {
    await start({ redis: redis.url });
    await call();
    await redis.kill();
    quiqup.simulator.revokeAll();
    expect((await call()).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(2);
    expect(lines('does not answer')).toBe(1);
  });

  it('that hangs costs no call more than the deadline of its commands', async () => {
    await start({ redis: redis.url });
    await call();
    redis.freeze();
    quiqup.simulator.revokeAll();
    const statuses = (await Promise.all(repeat(20, call))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(quiqup.tokenRequests).toBe(2);
    expect(lines('does not answer')).toBe(1);
    await quiqup.app.close();
    redis.thaw();
  });
});

/** A cache over a store of its own, which does this in place of reading and writing. */
const broken = (method: () => Promise<never>): Cache =>
  createCache({
    stores: [new Keyv({ store: { get: method, set: method, delete: method, clear: method }, throwOnErrors: true })],
  });

describe('A cache of the application', () => {
  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('out of order'))],
    [
      'throws',
      () => {
        throw new Error('out of order');
      },
    ],
    ['throws what is no error', () => Promise.reject(undefined)],
    ['never settles', () => new Promise(() => undefined)],
    ['holds what is no token', () => Promise.resolve({ access_token: 't' } as never)],
  ])('that %s costs no call', async (_how, method) => {
    await start(broken(method));
    expect((await call()).status).toBe(200);
    quiqup.simulator.revokeAll();
    expect((await call()).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('is given as it is or as cache.store, and shares the token', async () => {
    const cache = createCache();
    await start(cache);
    await call();
    await startAgain({ store: cache });
    await call();
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('stays open when the module shuts down', async () => {
    let disconnected = 0;
    const cache = Object.assign(createCache(), { disconnect: () => Promise.resolve((disconnected += 1)) });
    await start(cache);
    await call();
    await quiqup.app.close();
    expect(disconnected).toBe(0);
  });

  it('of two tiers is read where instances share it, not from its memory', async () => {
    const redis = await RedisServer.start();
    const caches = [1, 2].map(() => createCache({ stores: [new Keyv(), createKeyv(redis.url)] }));
    try {
      await start(caches[0]);
      await call();
      const other = await QuiqupApp.start({ simulator: quiqup.simulator, module: { cache: caches[1] } });
      await other.tokens.getAccessToken();
      const renewed = await other.tokens.refresh();
      await other.app.close();
      quiqup.simulator.resetCounters();
      expect(await quiqup.tokens.reject(quiqup.tokens.peek() ?? '')).toBe(renewed);
      expect(quiqup.tokenRequests).toBe(0);
    } finally {
      await Promise.all(caches.map((cache) => cache.disconnect()));
      await redis.stop();
    }
  });
});
