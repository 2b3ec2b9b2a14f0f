import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import KeyvRedis, { createKeyv } from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import { setTimeout } from 'node:timers/promises';
import { createCoordination, probeRedis, RecordSealer, type Coordination } from '../lib/store/index.js';
import type { StoreListener } from '../lib/store/store-state.js';
import { makeReadOnly } from './fleet/driver/redis-outages.js';
import { eventually } from './support/eventually.js';
import { HandClock } from './support/hand-clock.js';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

const S = 1_000;
const MINUTE_MS = 60 * S;
/** The deadline of a store command. */
const LIMIT_MS = 500;
const TOKEN = { id: 'an-id', accessToken: 'a-token', lifetimeMs: 3_600 * S, leftMs: 3_600 * S };

const sealer = new RecordSealer(
  { tokenUrl: 'https://quiqup.example/oauth/token', clientId: 'id', clientSecret: 'secret' },
  [],
);
const KEY = sealer.keyOf('token');

let redis: RedisServer;
let log: RecordedLog;
let clock: HandClock;
let deadlines: HandClock;
let events: Parameters<StoreListener>[0]['type'][];
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  clock = new HandClock();
  deadlines = new HandClock();
  log = new RecordedLog();
  Logger.overrideLogger(log);
  events = [];
  await redis.command('FLUSHALL');
});
afterEach(async () => {
  redis.thaw();
  for (const end of ending.splice(0).toReversed()) {
    await end();
  }
});

async function open(cache: { redis?: string; store?: Cache }): Promise<Coordination> {
  let ids = 0;
  const coordination = await createCoordination(
    {
      redis: cache.redis,
      store: cache.store,
      timeoutMs: LIMIT_MS,
      listener: ({ type }) => events.push(type),
    },
    { clock, ioClock: deadlines, random: { next: () => 0, id: () => `id-${(ids += 1)}` } },
  );
  ending.push(() => coordination.close());
  return coordination;
}

/** A cache of the application's, on a Redis. */
function cacheOn(keyv: Keyv): Cache {
  keyv.on('error', () => undefined);
  ending.push(() => keyv.disconnect().catch(() => undefined));
  return createCache({ stores: [keyv] });
}

function linesWith(part: string): string[] {
  return log.lines.filter((line) => line.includes(part));
}

async function allowWrites(): Promise<void> {
  await redis.command('REPLICAOF', 'NO', 'ONE');
}

async function connections(): Promise<number> {
  const clients = await redis.command('CLIENT', 'LIST');
  return clients.split('\n').filter((line) => !line.includes('cmd=client')).length;
}

/** Time passes in small steps, and Redis has the time that it takes to answer. */
async function comesBack(): Promise<void> {
  await eventually(() => events.includes('store-back'), 'the store was back', {
    turn: async () => {
      await deadlines.turn(10);
      await setTimeout(1);
    },
  });
}

describe('A record in Redis', () => {
  it('ends in Redis and for its cache when it was told to', async () => {
    const { store } = await open({ redis: redis.url });
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    const [key = ''] = await redis.keys();
    const leftMs = Number(await redis.command('PTTL', key));
    expect([leftMs > 0, leftMs <= MINUTE_MS]).toEqual([true, true]);
    const { expires } = JSON.parse(await redis.command('GET', key)) as { readonly expires: number };
    expect(expires).toBe(clock.wallNow() + MINUTE_MS);
  });

  it.each([
    [{}, 'unlink', 'del'],
    [{ useUnlink: true }, 'unlink', 'del'],
    [{ useUnlink: false }, 'del', 'unlink'],
  ])('is removed as its cache removes: %j', async (options, command, other) => {
    const cache = cacheOn(new Keyv({ store: new KeyvRedis(redis.url, options) }));
    const { store } = await open({ store: cache });
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await redis.command('CONFIG', 'RESETSTAT');
    await store.remove(sealer, 'token');
    const used = await redis.command('INFO', 'commandstats');
    expect([used.includes(`cmdstat_${command}:`), used.includes(`cmdstat_${other}:`)]).toEqual([true, false]);
  });
});

describe.each<[string, () => { redis?: string; store?: Cache }]>([
  ['in the memory of the process', () => ({})],
  ['in Redis', () => ({ redis: redis.url })],
  ['in a cache of the application', () => ({ store: createCache() })],
  ['in a cache of the application on Redis', () => ({ store: cacheOn(createKeyv(redis.url)) })],
])('A record %s', (_where, cacheOf) => {
  it('is found as it was written, until it is removed', async () => {
    const { store } = await open(cacheOf());
    expect(await store.read(sealer, 'token')).toBeUndefined();
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    expect((await store.read(sealer, 'token'))?.record).toEqual(TOKEN);
    expect(await store.read(sealer, 'failure')).toBeUndefined();
    await store.remove(sealer, 'token');
    expect(await store.read(sealer, 'token')).toBeUndefined();
    await store.remove(sealer, 'token');
    expect([events, log.lines.filter((line) => !line.includes('The given cache'))]).toEqual([[], []]);
  });

  it('may have a life that is no whole number of ms', async () => {
    const { store } = await open(cacheOf());
    await store.write(sealer, 'token', TOKEN, MINUTE_MS + 0.4);
    expect((await store.read(sealer, 'token'))?.record).toEqual(TOKEN);
    expect(events).toEqual([]);
  });

  it('shows its text to nobody', async () => {
    const { store } = await open(cacheOf());
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    expect((await redis.keys()).length).toBeLessThanOrEqual(1);
    for (const key of await redis.keys()) {
      expect(await redis.command('GET', key)).not.toContain('a-token');
    }
  });
});

describe('A long outage', () => {
  it('leaves no probe behind that has to be undone', async () => {
    const { store } = await open({ store: cacheOn(createKeyv(redis.url)) });
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    redis.freeze();
    const written = store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await deadlines.turn(MINUTE_MS);
    await written;
    expect(events).toEqual(['store-lost']);
    redis.thaw();
    await redis.command('CONFIG', 'RESETSTAT');
    await comesBack();
    const evals = /cmdstat_eval:calls=(\d+)/.exec(await redis.command('INFO', 'commandstats'))?.[1];
    // The token's, undone, and the lock's in the probe.
    expect(Number(evals)).toBeLessThanOrEqual(3);
  });
});

describe('The age of a record', () => {
  it('is told by the life that Redis says is left, whatever the clocks say', async () => {
    const { store } = await open({ redis: redis.url });
    await store.write(sealer, 'token', TOKEN, 60 * MINUTE_MS);
    await redis.command('PEXPIRE', KEY, String(50 * MINUTE_MS));
    clock.wallOffset -= 60 * MINUTE_MS;
    const writtenAt = (await store.read(sealer, 'token'))?.writtenAt ?? NaN;
    expect(Math.round((clock.now() - writtenAt) / MINUTE_MS)).toBe(10);
  });

  it('counts from when it was to be written, though it waited for the connection', async () => {
    const { store } = await open({ redis: redis.url });
    redis.freeze();
    const written = store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await deadlines.turn(300);
    redis.thaw();
    await eventually(async () => (await redis.keys()).length > 0, 'it was written', { turn: () => deadlines.turn(1) });
    await written;
    expect(Number(await redis.command('PTTL', KEY))).toBeLessThanOrEqual(MINUTE_MS - 300);
  });

  it('is told by the wall clock where its life has no end', async () => {
    const { store } = await open({ redis: redis.url });
    await store.write(sealer, 'token', TOKEN, 60 * MINUTE_MS);
    await redis.command('PERSIST', KEY);
    clock.jump(5 * MINUTE_MS);
    expect((await store.read(sealer, 'token'))?.writtenAt).toBe(clock.now() - 5 * MINUTE_MS);
  });

  it('is told by the wall clock where the cache is no Redis', async () => {
    const { store } = await open({});
    const writtenAt = clock.now();
    await store.write(sealer, 'token', TOKEN, 60 * MINUTE_MS);
    clock.jump(5 * MINUTE_MS);
    expect((await store.read(sealer, 'token'))?.writtenAt).toBe(writtenAt);
    clock.wallOffset -= 60 * MINUTE_MS;
    expect((await store.read(sealer, 'token'))?.writtenAt).toBe(clock.now());
  });
});

async function sentBytes(): Promise<number> {
  return Number(/total_net_output_bytes:(\d+)/.exec(await redis.command('INFO', 'stats'))?.[1]);
}

describe('An entry that is no record', () => {
  it.each([
    ['a user with all rights', []],
    ['a user without the right to GETRANGE', ['-getrange']],
  ])('is not fetched as a whole where it is large, by %s', async (_who, rights) => {
    await redis.command('ACL', 'SETUSER', 'app', 'reset', 'on', '>pass', '~*', '+@all', ...rights);
    const { store } = await open({ redis: redis.url.replace('//', '//app:pass@') });
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    expect(await store.read(sealer, 'token')).toBeDefined();
    await redis.command('SETRANGE', KEY, String(32 * 1024 * 1024), 'x');
    const before = await sentBytes();
    expect(await store.read(sealer, 'token')).toBeUndefined();
    expect(events).toEqual([]);
    // Without the right there is no other way than to fetch it.
    expect((await sentBytes()) - before < 1024 * 1024).toBe(rights.length === 0);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['another type of Redis', () => redis.command('LPUSH', KEY, 'a list')],
    ['no JSON', () => redis.command('SET', KEY, 'rubbish')],
    ['a JSON of nothing', () => redis.command('SET', KEY, '{"value":null}')],
    ['another JSON', () => redis.command('SET', KEY, '{"value":{}}')],
    [
      'sealed as another kind',
      async () => redis.command('SET', KEY, JSON.stringify({ value: sealer.seal('lock', '{}') })),
    ],
    [
      'sealed, but no JSON',
      async () => redis.command('SET', KEY, JSON.stringify({ value: sealer.seal('token', '{') })),
    ],
    [
      'sealed, but no record',
      async () => redis.command('SET', KEY, JSON.stringify({ value: sealer.seal('token', '{}') })),
    ],
  ])('(%s) counts as none, is no loss of the store, and is replaced', async (_what, spoil) => {
    const { store } = await open({ redis: redis.url });
    await spoil();
    expect(await store.read(sealer, 'token')).toBeUndefined();
    expect(linesWith('could not be read')).toHaveLength(1);
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    expect((await store.read(sealer, 'token'))?.record).toEqual(TOKEN);
    expect(events).toEqual([]);
  });

  it('is warned about once, and again after it could be read', async () => {
    const { store } = await open({ redis: redis.url });
    const spoil = () => redis.command('SET', KEY, 'rubbish');
    await spoil();
    await store.read(sealer, 'token');
    await store.read(sealer, 'token');
    expect(linesWith('could not be read')).toHaveLength(1);
    await redis.command('SET', sealer.keyOf('failure'), 'rubbish');
    await store.read(sealer, 'failure');
    expect(linesWith('could not be read')).toHaveLength(2);
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await store.read(sealer, 'token');
    await spoil();
    await store.read(sealer, 'token');
    expect(linesWith('could not be read')).toHaveLength(3);
  });
});

describe('A cache of the application', () => {
  it.each<[string, () => Keyv, string]>([
    ['without prefixes', () => createKeyv(redis.url), ''],
    ['with a namespace', () => createKeyv(redis.url, { namespace: 'shop' }), 'shop::'],
    ['with a separator', () => createKeyv(redis.url, { namespace: 'shop', keyPrefixSeparator: '/' }), 'shop/'],
    [
      'with a namespace of its Keyv',
      () => new Keyv({ store: new KeyvRedis(redis.url), namespace: 'shop', useKeyPrefix: true }),
      'shop::shop:',
    ],
    [
      'with a namespace that no key has',
      () => new Keyv({ store: new KeyvRedis(redis.url), namespace: 'shop', useKeyPrefix: false }),
      'shop::',
    ],
  ])('%s has its token and its lock under the names that it gives', async (_how, make, prefix) => {
    const { store, lock } = await open({ store: cacheOn(make()) });
    const lockKey = sealer.keyOf('lock');
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    const attempt = await lock.tryAcquire(lockKey, MINUTE_MS);
    expect((await store.read(sealer, 'token'))?.record).toEqual(TOKEN);
    expect((await redis.keys()).toSorted()).toEqual([prefix + lockKey, prefix + KEY].toSorted());
    expect(await lock.tryAcquire(lockKey, MINUTE_MS)).toEqual({ heldBy: 'id-1' });
    await attempt?.lease?.release();
    expect(await redis.keys()).toEqual([prefix + KEY]);
    expect(events).toEqual([]);
  });

  it('of several tiers is used where instances share it', async () => {
    const caches = [1, 2].map(() => {
      const keyv = createKeyv(redis.url);
      ending.push(() => keyv.disconnect());
      return createCache({ stores: [new Keyv(), keyv] });
    });
    const [one, other] = await Promise.all(caches.map((store) => open({ store })));
    await one?.store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await other?.store.write(sealer, 'token', { ...TOKEN, id: 'another' }, MINUTE_MS);
    expect((await one?.store.read(sealer, 'token'))?.record.id).toBe('another');
    expect(log.lines).toEqual([]);
  });

  it('without Redis is told to share nothing; one of our own is meant to', async () => {
    await open({});
    expect(linesWith('The given cache')).toEqual([]);
    await open({ store: createCache() });
    expect(linesWith('The given cache')).toHaveLength(1);
  });

  it.each(['get', 'set', 'delete'] as const)(
    'is lost when the %s of its store fails, and found when it works again',
    async (method) => {
      let isBroken = true;
      const map = new Map<string, unknown>();
      const works = map[method].bind(map) as (...args: unknown[]) => unknown;
      const broken = (...args: unknown[]): unknown =>
        isBroken ? Promise.reject(new Error('out of order')) : works(...args);
      const keyv = new Keyv({ store: Object.assign(map, { [method]: broken }), throwOnErrors: true });
      const store = cacheOn(keyv);
      const coordination = await open({ store });
      await coordination.store.read(sealer, 'token');
      await coordination.store.write(sealer, 'token', TOKEN, MINUTE_MS);
      await coordination.store.remove(sealer, 'token');
      expect(events).toEqual(['store-lost']);
      expect(coordination.store.isLost).toBe(true);
      expect(coordination.store.lostForMs).toBe(0);
      await deadlines.turn(S);
      expect(events).toEqual(['store-lost']);
      isBroken = false;
      await comesBack();
      expect(coordination.store.lostForMs).toBeUndefined();
      await coordination.store.write(sealer, 'token', TOKEN, MINUTE_MS);
      expect((await coordination.store.read(sealer, 'token'))?.record).toEqual(TOKEN);
    },
  );
});

describe('A write that Redis refuses', () => {
  afterEach(() => allowWrites());

  it.each<[string, () => { redis?: string; store?: Cache }]>([
    ['of our own', () => ({ redis: redis.url })],
    ['that hides its errors', () => ({ store: cacheOn(createKeyv(redis.url)) })],
    ['whose adapter alone shows them', () => ({ store: cacheOn(createKeyv(redis.url, { throwOnErrors: true })) })],
  ])('is a loss, though reads go on, with a cache %s', async (_which, cacheOf) => {
    const { store } = await open(cacheOf());
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await makeReadOnly(redis);
    await store.write(sealer, 'token', { ...TOKEN, id: 'another' }, 60 * MINUTE_MS);
    expect(events).toEqual(['store-lost']);
    // The probe sends the command that fails.
    await deadlines.turn(S);
    await store.reach();
    expect(store.isLost).toBe(true);
    await allowWrites();
    await comesBack();
  });

  it('is a loss where nothing had been written before', async () => {
    const { store } = await open({ store: cacheOn(createKeyv(redis.url)) });
    await makeReadOnly(redis);
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    expect(events).toEqual(['store-lost']);
  });

  it('is none where the life of what stands there is as it was asked for', async () => {
    const { store } = await open({ store: cacheOn(createKeyv(redis.url)) });
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    await store.write(sealer, 'token', TOKEN, 60 * MINUTE_MS);
    expect(events).toEqual([]);
  });
});

describe('A Redis of our own', () => {
  it('is connected to with the first command, and left with the application', async () => {
    const before = await connections();
    const coordination = await open({ redis: redis.url });
    expect(await connections()).toBe(before);
    await Promise.all([
      coordination.store.read(sealer, 'token'),
      coordination.store.read(sealer, 'failure'),
      coordination.lock.tryAcquire('a-lock', S),
    ]);
    expect(await connections()).toBe(before + 1);
    expect(events).toEqual([]);
    await coordination.close();
    await eventually(async () => (await connections()) === before, 'the connection was closed');
    await coordination.close();
  });

  it('that hangs holds up the end of the application for no longer than a deadline', async () => {
    const { store, close } = await open({ redis: redis.url });
    await store.read(sealer, 'token');
    redis.freeze();
    const read = store.read(sealer, 'token');
    await deadlines.turn(0);
    const closed = close();
    await deadlines.turn(LIMIT_MS);
    expect(await read).toBeUndefined();
    await closed;
    redis.thaw();
  });

  it('is looked for on a new connection after it hung', async () => {
    const { store } = await open({ redis: redis.url });
    await store.read(sealer, 'token');
    redis.freeze();
    const read = store.read(sealer, 'token');
    await deadlines.turn(LIMIT_MS);
    expect(await read).toBeUndefined();
    await deadlines.turn(S);
    // The probe hangs as well, and ends the connection.
    await deadlines.turn(LIMIT_MS);
    redis.thaw();
    await comesBack();
    await store.write(sealer, 'token', TOKEN, MINUTE_MS);
    expect((await store.read(sealer, 'token'))?.record).toEqual(TOKEN);
  });

  it('is probed under a key of the account, of which nothing is left', async () => {
    const { store } = await open({ redis: redis.url });
    await store.read(sealer, 'token');
    await redis.kill();
    await store.read(sealer, 'token');
    await redis.restart();
    await redis.command('ACL', 'SETUSER', 'default', 'resetkeys', `~${sealer.keyOf('probe')}*`);
    try {
      await comesBack();
    } finally {
      await redis.command('ACL', 'SETUSER', 'default', 'allkeys');
    }
    expect(await redis.keys()).toEqual([]);
  });

  it('is no longer probed once the application is over', async () => {
    const coordination = await open({ redis: redis.url });
    await redis.kill();
    await coordination.store.read(sealer, 'token');
    expect(deadlines.pending).toBe(1);
    await coordination.close();
    expect(deadlines.pending).toBe(0);
    await redis.restart();
  });
});

describe('A Redis connection of the application', () => {
  it('stays open when the module ends', async () => {
    const before = await connections();
    const coordination = await open({ store: cacheOn(createKeyv(redis.url)) });
    await coordination.store.read(sealer, 'token');
    expect(await connections()).toBe(before + 1);
    coordination.stopReconnecting();
    await coordination.close();
    expect(await connections()).toBe(before + 1);
    expect(events).toEqual([]);
  });

  it('that is closed by nobody is not closed when a probe fails', async () => {
    const keyv = createKeyv(redis.url);
    const coordination = await open({ store: cacheOn(keyv) });
    const before = await connections();
    await coordination.store.read(sealer, 'token');
    redis.freeze();
    const read = coordination.store.read(sealer, 'token');
    await deadlines.turn(LIMIT_MS);
    await read;
    await deadlines.turn(S + LIMIT_MS);
    redis.thaw();
    expect(await connections()).toBe(before + 1);
    await comesBack();
  });
});

describe('The probe of the doctor', () => {
  it('does all that the store does, and leaves nothing', async () => {
    const before = await connections();
    await probeRedis(redis.url, 5 * S);
    expect(await redis.keys()).toEqual([]);
    await eventually(async () => (await connections()) === before, 'its connection was closed');
  });

  it('says what Redis says', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    try {
      await expect(probeRedis(redis.url, 5 * S)).rejects.toThrow('OOM');
    } finally {
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
    await expect(probeRedis('redis://127.0.0.1:1', 5 * S)).rejects.toThrow();
  });

  it('gives up at its deadline, and its connection too', async () => {
    const before = await connections();
    redis.freeze();
    await expect(probeRedis(redis.url, 50)).rejects.toThrow('no connection within 100 ms');
    redis.thaw();
    await eventually(async () => (await connections()) === before, 'its connection was closed');
  });
});
