import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import KeyvRedis, { createClient, createKeyv, type RedisClientType } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv, type KeyvOptions, type KeyvStoreAdapter } from 'keyv';
import { InstancesOnRedis } from './support/instances-on-redis.js';
import type { QuiqupApp } from './support/quiqup-app.js';

/** The RESP types for a text and a number. */
const [BLOB_STRING, NUMBER] = ['$', ':'].map((type) => type.charCodeAt(0)) as [36, 58];

const instances = new InstancesOnRedis();
let caches: Cache[];
beforeEach(() => {
  caches = [];
});
afterEach(async () => {
  await Promise.all(caches.map((cache) => cache.disconnect().catch(() => undefined)));
});

function cacheOf(...stores: Keyv[]): Cache {
  stores.forEach((store) => store.on('error', () => undefined));
  const cache = createCache({ stores });
  caches.push(cache);
  return cache;
}

/** Two with a cache each, of which one token, and the one after it, served both. */
async function sharingInstances(cache: () => Cache): Promise<[QuiqupApp, QuiqupApp]> {
  const [first, second] = [await instances.start({ cache: cache() }), await instances.start({ cache: cache() })];
  const token = await first.tokens.getAccessToken();
  expect(await second.tokens.getAccessToken()).toBe(token);
  const renewed = await second.tokens.refresh();
  expect(await first.tokens.reject(token)).toBe(renewed);
  expect(instances.requests).toBe(2);
  return [first, second];
}

const redisWith = (options: KeyvOptions): Keyv =>
  new Keyv({ store: new KeyvRedis(instances.redis.url) as KeyvStoreAdapter, useKeyPrefix: false, ...options });
const lines = (app: QuiqupApp, part: string): number => app.log.lines.filter((line) => line.includes(part)).length;
const isLost = (app: QuiqupApp): boolean => app.events.some(({ type }) => type === 'store-lost');

const reversed = (text: string): string => Array.from(text).toReversed().join('');
const serializeReversed = (data: unknown): string => reversed(JSON.stringify(data));
const refuse = (): never => {
  throw new Error('ERR this is nothing of mine');
};

describe('An entry that cannot be decoded', () => {
  it.each<[string, KeyvOptions]>([
    [
      'a serializer of its own',
      {
        serialize: (data) => reversed(JSON.stringify(data)),
        deserialize: (text) => JSON.parse(reversed(text)) as never,
      },
    ],
    [
      'an encryption, which refuses in words like those of Redis',
      {
        serialize: (data) => `sealed:${JSON.stringify(data)}`,
        deserialize: (text) => {
          return text.startsWith('sealed:') ? (JSON.parse(text.slice(7)) as never) : refuse();
        },
      },
    ],
    [
      'a compression',
      {
        compression: {
          compress: (value: unknown) => Promise.resolve(`gz:${String(value)}`),
          decompress: (value: unknown) =>
            Promise.resolve(String(value).startsWith('gz:') ? String(value).slice(3) : refuse()),
        } as never,
      },
    ],
  ])('is replaced, once, and counts as no lost store (%s)', async (_kind, options) => {
    const old = await instances.start({ cache: cacheOf(redisWith({})) });
    await old.tokens.getAccessToken();
    instances.simulator.resetCounters();
    const [first, second] = [
      await instances.start({ cache: cacheOf(redisWith({ throwOnErrors: true, ...options })) }),
      await instances.start({ cache: cacheOf(redisWith(options)) }),
    ];
    expect(await first.tokens.refresh()).toBe(await second.tokens.getAccessToken());
    expect(instances.requests).toBe(1);
    expect([isLost(first), isLost(second)]).toEqual([false, false]);
  });

  it('is told once', async () => {
    const first = await instances.start({ cache: cacheOf(redisWith({})) });
    await first.tokens.getAccessToken();
    const [key] = await instances.redis.keys();
    await instances.redis.command('SET', key ?? '', '{"value":"v9.of another version"}');
    const second = await instances.start({ cache: cacheOf(redisWith({ deserialize: refuse })) });
    await second.tokens.getAccessToken();
    expect(lines(second, 'could not be read')).toBe(1);
    expect(isLost(second)).toBe(false);
  });

  it('comes from a serializer that throws as well, and is shared all the same', async () => {
    const both = [1, 2].map(() => cacheOf(redisWith({ serialize: refuse, deserialize: refuse })));
    const [first, second] = [await instances.start({ cache: both[0] }), await instances.start({ cache: both[1] })];
    expect(await first.tokens.getAccessToken()).toBe(await second.tokens.getAccessToken());
    expect([isLost(first), isLost(second)]).toEqual([false, false]);
  });
});

/** Over a client that gives Buffers for texts, and texts for numbers. */
function cacheOfTypedReplies(): Cache {
  const commandOptions = { typeMapping: { [BLOB_STRING]: Buffer, [NUMBER]: String } };
  const client = createClient({ url: instances.redis.url, commandOptions }) as unknown as RedisClientType;
  return cacheOf(new Keyv({ store: new KeyvRedis(client) as KeyvStoreAdapter, useKeyPrefix: false }));
}

describe('A client whose replies have types of their own', () => {
  it('is understood', async () => {
    const [first, second] = await sharingInstances(cacheOfTypedReplies);
    expect([...first.log.lines, ...second.log.lines]).toEqual([]);
  });
});

/** A shared store other than Redis. */
function sharedStore(): () => KeyvStoreAdapter {
  const entries = new Map<string, unknown>();
  return () =>
    ({
      opts: {},
      on: () => undefined,
      get: (key: string) => Promise.resolve(entries.get(key)),
      set: (key: string, value: unknown) => Promise.resolve(entries.set(key, value) && true),
      delete: (key: string) => Promise.resolve(entries.delete(key)),
      clear: () => Promise.resolve(entries.clear()),
    }) as unknown as KeyvStoreAdapter;
}

describe('A cache without Redis', () => {
  it('is shared at its last store, and what cannot be is told', async () => {
    const store = sharedStore();
    const cache = () => cacheOf(new Keyv(), new Keyv({ store: store() }));
    const [first] = await sharingInstances(cache);
    expect(lines(first, 'through the last store')).toBe(1);
  });

  it('that cannot decode an entry replaces it', async () => {
    const store = sharedStore();
    const first = await instances.start({ cache: cacheOf(new Keyv({ store: store() })) });
    await first.tokens.getAccessToken();
    const options = { store: store(), deserialize: (text: unknown) => JSON.parse(reversed(String(text))) as never };
    const second = await instances.start({ cache: cacheOf(new Keyv({ ...options, serialize: serializeReversed })) });
    await second.tokens.getAccessToken();
    const third = await instances.start({ cache: cacheOf(new Keyv({ ...options, serialize: serializeReversed })) });
    await third.tokens.getAccessToken();
    expect(instances.requests).toBe(2);
    expect([isLost(second), isLost(third)]).toEqual([false, false]);
    expect(lines(second, 'could not be read')).toBe(1);
  });

  it('and in the memory of the process shares nothing, which is told', async () => {
    class LruMemory extends Map<string, unknown> {}
    const app = await instances.start({ cache: cacheOf(new Keyv({ store: new LruMemory() })) });
    expect(lines(app, 'share nothing')).toBe(1);
  });

  it('has its Redis found behind memory', async () => {
    const app = await instances.start({ cache: cacheOf(new Keyv(), createKeyv(instances.redis.url)) });
    await app.tokens.getAccessToken();
    expect(await instances.redis.keys()).toHaveLength(1);
    expect(app.log.lines).toEqual([]);
  });
});
