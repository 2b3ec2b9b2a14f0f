import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisEntries } from '../lib/store/redis-entries.js';
import { RedisLock } from '../lib/store/redis-lock.js';
import type { StoreCircuitBreaker } from '../lib/store/store-circuit-breaker.js';
import { ManualClock } from './support/manual-clock.js';

let clock: ManualClock;
/** The owners by key, as Redis has them. */
let owners: Map<string, string>;
let sent: unknown[][];
/** Which command fails, so that the store is lost. */
let failing: string | undefined;
let isLost: boolean;
let lock: RedisLock;

beforeEach(() => {
  clock = new ManualClock();
  owners = new Map();
  sent = [];
  failing = undefined;
  isLost = false;
  const entries = {
    take: (key: string, owner: string, lifeMs: number) => {
      sent.push(['take', key, owner, lifeMs]);
      const isFree = !owners.has(key);
      if (isFree) {
        owners.set(key, owner);
      }
      return Promise.resolve(isFree);
    },
    ownerOf: (key: string) => {
      sent.push(['ownerOf', key]);
      return Promise.resolve(owners.get(key) ?? null);
    },
    free: (key: string, owner: string) => {
      sent.push(['free', key, owner]);
      return Promise.resolve();
    },
    freeLater: (key: string, owner: string) => sent.push(['freeLater', key, owner]),
  } as unknown as RedisEntries;
  const breaker = {
    get isLost() {
      return isLost;
    },
    run: async (command: () => Promise<unknown>) => {
      const value = await command();
      return sent.at(-1)?.[0] === failing ? undefined : { value };
    },
  } as unknown as StoreCircuitBreaker;
  let ids = 0;
  lock = new RedisLock(entries, breaker, clock, { next: () => 0, id: () => `owner-${(ids += 1)}` });
});

describe('The lock in Redis', () => {
  it('is had by one command, and freed by its owner', async () => {
    const attempt = await lock.tryAcquire('lock', 6_000);
    expect(sent).toEqual([['take', 'lock', 'owner-1', 6_000]]);
    await attempt?.lease?.release();
    expect(sent.at(-1)).toEqual(['free', 'lock', 'owner-1']);
  });

  it('is as old as the command that took it', async () => {
    const attempt = await lock.tryAcquire('lock', 6_000);
    await clock.turn(1_500);
    expect(attempt?.lease?.ageMs).toBe(1_500);
  });

  it('tells who has it', async () => {
    owners.set('lock', 'somebody');
    expect(await lock.tryAcquire('lock', 6_000)).toEqual({ heldBy: 'somebody' });
  });

  it('may be free again when its holder is looked up', async () => {
    failing = 'nothing';
    owners.set('lock', 'somebody');
    const attempt = lock.tryAcquire('lock', 6_000);
    owners.delete('lock');
    expect(await attempt).toEqual({ heldBy: null });
  });

  it('is had where its command was carried out twice', async () => {
    owners.set('lock', 'owner-1');
    const attempt = await lock.tryAcquire('lock', 6_000);
    await attempt?.lease?.release();
    expect(sent.at(-1)).toEqual(['free', 'lock', 'owner-1']);
  });

  it.each(['take', 'ownerOf'])('cannot be had while the store is lost: %s', async (command) => {
    owners.set('lock', 'somebody');
    failing = command;
    expect(await lock.tryAcquire('lock', 6_000)).toBeUndefined();
  });

  it('is freed when the store is back, where it is lost', async () => {
    const attempt = await lock.tryAcquire('lock', 6_000);
    isLost = true;
    await attempt?.lease?.release();
    expect(sent.at(-1)).toEqual(['freeLater', 'lock', 'owner-1']);
  });
});
