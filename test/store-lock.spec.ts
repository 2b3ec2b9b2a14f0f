import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createCoordination, type Coordination, type LockLease } from '../lib/store/index.js';
import { eventually } from './support/eventually.js';
import { HandClock } from './support/hand-clock.js';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

const LIFE_MS = 60_000;
/** The deadline of a store command. */
const LIMIT_MS = 500;
const HOPELESS_MS = 1_000;

let redis: RedisServer;
let clock: HandClock;
/** The deadlines of commands run on it; real ones must be given time that does not pass by itself. */
let deadlines: HandClock;
let owners: number;
let opened: Coordination[] = [];

beforeAll(async () => {
  Logger.overrideLogger(new RecordedLog());
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  clock = new HandClock();
  deadlines = new HandClock();
  owners = 0;
  await redis.command('FLUSHALL');
});
afterEach(async () => {
  redis.thaw();
  await Promise.all(opened.map((one) => one.close()));
  opened = [];
});

async function instance(url?: string): Promise<Coordination> {
  const coordination = await createCoordination(
    { redis: url, store: undefined, timeoutMs: LIMIT_MS, listener: () => undefined },
    { clock, ioClock: deadlines, random: { next: () => 0, id: () => `owner-${(owners += 1)}` } },
  );
  opened.push(coordination);
  return coordination;
}

async function take({ lock }: Coordination, key = 'a-lock', lifeMs = LIFE_MS): Promise<LockLease> {
  const attempt = await lock.tryAcquire(key, lifeMs);
  if (attempt?.lease === undefined) {
    throw new Error('The lock was not free.');
  }
  return attempt.lease;
}

describe.each<[string, () => string | undefined]>([
  ['of one process', () => undefined],
  ['in Redis', () => redis.url],
])('The lock %s', (_where, url) => {
  let first: Coordination;
  let second: Coordination;
  beforeEach(async () => {
    [first, second] = [await instance(url()), await instance(url())];
  });

  it('is held by one at a time, and the others are told by whom', async () => {
    const lease = await take(first);
    expect(lease).toBeDefined();
    const [again, other] = [await first.lock.tryAcquire('a-lock', LIFE_MS), await second.lock.tryAcquire('a-lock', 1)];
    expect([again, other]).toEqual([{ heldBy: 'owner-1' }, { heldBy: 'owner-1' }]);
    await lease.release();
  });

  it('is free once it was released, and what is released twice frees nobody else', async () => {
    const lease = await take(first);
    await lease.release();
    const next = await take(second);
    await lease.release();
    expect(await first.lock.tryAcquire('a-lock', LIFE_MS)).toEqual({ heldBy: expect.stringMatching(/^owner-/) });
    await next.release();
    await (await take(first)).release();
  });

  it('has nothing to do with that of another key', async () => {
    const leases = [await take(first, 'a-lock'), await take(second, 'another-lock')];
    await leases[0]?.release();
    expect(await second.lock.tryAcquire('another-lock', LIFE_MS)).toMatchObject({ heldBy: expect.any(String) });
    await leases[1]?.release();
  });

  it('tells how long it has been held', async () => {
    const lease = await take(first);
    expect(lease.ageMs).toBe(0);
    clock.jump(1_234);
    expect(lease.ageMs).toBe(1_234);
    await lease.release();
  });
});

describe('The lock of one process', () => {
  it('ends by itself after its life, and not before', async () => {
    const { lock } = await instance();
    await lock.tryAcquire('a-lock', LIFE_MS);
    clock.jump(LIFE_MS - 1);
    expect(await lock.tryAcquire('a-lock', LIFE_MS)).toMatchObject({ heldBy: 'owner-1' });
    clock.jump(1);
    const attempt = await lock.tryAcquire('a-lock', LIFE_MS);
    expect(attempt?.lease).toBeDefined();
    await attempt?.lease?.release();
  });

  it('that has ended leaves the next holder alone, whatever the former does', async () => {
    const one = await instance();
    const former = await take(one);
    clock.jump(LIFE_MS);
    const lease = await take(one);
    await former.release();
    expect(await one.lock.tryAcquire('a-lock', LIFE_MS)).toMatchObject({ heldBy: 'owner-2' });
    await lease.release();
  });

  it('keeps no process alive, and leaves no timer once it was released', async () => {
    const lease = await take(await instance());
    expect([clock.pending, clock.keepingProcess]).toEqual([1, 0]);
    await lease.release();
    expect(clock.pending).toBe(0);
  });
});

function holder(): Promise<string> {
  return redis.command('GET', 'a-lock');
}

/** How often Redis was given the command. */
async function sent(command: string): Promise<number> {
  const stats = await redis.command('INFO', 'commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

async function isGivenBack(): Promise<void> {
  await eventually(async () => (await holder()) === '', 'the lock was given back', { limitMs: HOPELESS_MS });
}

/** Redis hangs until the command has met its deadline. */
async function takeInVain({ lock }: Coordination): Promise<void> {
  redis.freeze();
  const attempt = lock.tryAcquire('a-lock', LIFE_MS);
  await deadlines.turn(LIMIT_MS);
  expect(await attempt).toBeUndefined();
  redis.thaw();
}

/** An instance that is connected already. */
async function connected(): Promise<Coordination> {
  const one = await instance(redis.url);
  await (await take(one, 'another-lock')).release();
  return one;
}

describe('The lock in Redis', () => {
  it('ends by itself after its life', async () => {
    await take(await instance(redis.url));
    const leftMs = Number(await redis.command('PTTL', 'a-lock'));
    expect(leftMs).toBeGreaterThan(LIFE_MS - 10_000);
    expect(leftMs).toBeLessThanOrEqual(LIFE_MS);
  });

  it('that has ended leaves the next holder alone, whatever the former does', async () => {
    const lease = await take(await instance(redis.url));
    await redis.command('SET', 'a-lock', 'somebody else');
    await lease.release();
    expect(await holder()).toBe('somebody else');
  });

  it('that came too late for its deadline is given back', async () => {
    const one = await connected();
    await redis.command('CONFIG', 'RESETSTAT');
    await takeInVain(one);
    expect(one.store.isLost).toBe(true);
    await eventually(async () => (await sent('set')) === 1, 'the lock was set after all', { limitMs: HOPELESS_MS });
    await isGivenBack();
  });

  it('that somebody else has when the deadline passes stays theirs', async () => {
    const one = await connected();
    await redis.command('SET', 'a-lock', 'somebody else');
    await redis.command('CONFIG', 'RESETSTAT');
    await takeInVain(one);
    await eventually(async () => (await sent('eval')) === 1, 'the lock was to be given back', { limitMs: HOPELESS_MS });
    expect(await holder()).toBe('somebody else');
  });

  it('is not asked for while the store is lost', async () => {
    const one = await connected();
    await takeInVain(one);
    await isGivenBack();
    await redis.command('CONFIG', 'RESETSTAT');
    expect(await one.lock.tryAcquire('a-lock', LIFE_MS)).toBeUndefined();
    expect(await sent('set')).toBe(0);
  });

  it('is none when Redis is lost before it has told who holds it', async () => {
    const one = await connected();
    await redis.command('LPUSH', 'a-lock', 'of another type');
    expect(await one.lock.tryAcquire('a-lock', LIFE_MS)).toBeUndefined();
    expect(one.store.isLost).toBe(true);
  });

  it('of a Redis that cuts each connection costs two attempts to connect, the second being for one that had died', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined).destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const one = await instance(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await one.lock.tryAcquire('a-lock', LIFE_MS)).toBeUndefined();
      expect(one.store.isLost).toBe(true);
      // A further attempt would be in the server's queue by the time that this one is answered.
      const last = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
      await once(last, 'close');
      expect(connections - 1).toBe(2);
    } finally {
      server.close();
    }
  });
});
