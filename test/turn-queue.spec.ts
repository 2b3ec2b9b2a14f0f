import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LockAttempt, LockLease, RefreshLock } from '../lib/store/refresh-lock.js';
import type { AcquisitionRequest } from '../lib/token/acquisition-outcome.js';
import type { StoredToken } from '../lib/token/held-token.js';
import type { SharedLookup } from '../lib/token/shared-lookup.js';
import type { SharedRecords } from '../lib/token/shared-records.js';
import type { TokenFailure } from '../lib/token/token-failure.js';
import { TurnQueue, type Turn } from '../lib/token/turn-queue.js';
import { HandClock } from './support/hand-clock.js';

const S = 1_000;
const LIFE_MS = 6 * S;
const LEASE: LockLease = { ageMs: 0, release: () => Promise.resolve() };

let clock: HandClock;
/** The owner of the lock: `undefined` if it is free, `null` if the store does not answer. */
let holder: string | null | undefined;
let isLost: boolean;
/** When the lock was tried, in ms after the start. */
let tries: number[];
let token: StoredToken | undefined;
let found: { failure: TokenFailure; forbids: boolean } | undefined;
let closing: AbortController;
let draw: number;

beforeEach(() => {
  clock = new HandClock();
  holder = 'somebody';
  isLost = false;
  tries = [];
  token = undefined;
  found = undefined;
  closing = new AbortController();
  draw = 0;
});

const lock: RefreshLock = {
  tryAcquire: (key, lifeMs) => {
    expect([key, lifeMs]).toEqual(['a-lock', LIFE_MS]);
    tries.push(clock.now());
    const attempt: LockAttempt = holder === undefined ? { lease: LEASE } : { heldBy: holder };
    return Promise.resolve(holder === 'lost' ? undefined : attempt);
  },
};

/** The turn that is waited for, as soon as it has come. */
function wait(inHand?: { canWait: boolean }, callWaitMs = 10 * S): { readonly turn: Turn | undefined; error: unknown } {
  const records = {
    get isLost() {
      return isLost;
    },
    lockKey: 'a-lock',
  } as SharedRecords;
  const lookup = {
    findToken: () => Promise.resolve(token),
    findFailure: () => Promise.resolve(found),
  } as unknown as SharedLookup;
  const random = { next: () => draw, id: () => 'an-id' };
  const queue = new TurnQueue({ records, lookup, lock, lockLifeMs: LIFE_MS, callWaitMs, clock, random });
  const waiting: { turn: Turn | undefined; error: unknown } = { turn: undefined, error: undefined };
  const request = { inHand: inHand && { ...inHand, token: 'in hand' }, closing: closing.signal };
  queue.wait(request as unknown as AcquisitionRequest).then(
    (turn) => (waiting.turn = turn),
    (error: unknown) => (waiting.error = error),
  );
  return waiting;
}

const isWithoutLock = (turn: Turn | undefined): boolean => turn?.kind === 'turn' && turn.lease.ageMs === Infinity;

describe('The turn at the token endpoint', () => {
  it('comes at once with a lock that is free', async () => {
    holder = undefined;
    const waiting = wait();
    await clock.turn(0);
    expect(waiting.turn).toEqual({ kind: 'turn', lease: LEASE });
  });

  it('comes when a lock that was held is free', async () => {
    const waiting = wait();
    await clock.turn(S);
    expect(waiting.turn).toBeUndefined();
    holder = undefined;
    await clock.turn(50);
    expect(waiting.turn).toEqual({ kind: 'turn', lease: LEASE });
  });

  it.each([
    [0, 50],
    [0.5, 75],
    [0.98, 99],
  ])('is tried for every 100 ms, half of it drawn: with %d every %d ms', async (drawn, everyMs) => {
    draw = drawn;
    const startedAt = clock.now();
    wait();
    await clock.turn(350);
    expect(tries.slice(0, 4).map((at) => at - startedAt)).toEqual([0, everyMs, 2 * everyMs, 3 * everyMs]);
  });

  it('is over with the token of the holder', async () => {
    const waiting = wait();
    await clock.turn(S);
    token = { accessToken: 'theirs' } as StoredToken;
    await clock.turn(50);
    expect(waiting.turn).toEqual({ kind: 'over', outcome: { kind: 'token', token } });
  });

  it('is over with the failure of the holder, if that forbids to ask', async () => {
    const failure = { id: 'theirs' } as TokenFailure;
    found = { failure, forbids: false };
    const waiting = wait();
    await clock.turn(S);
    expect(waiting.turn).toBeUndefined();
    found = { failure, forbids: true };
    await clock.turn(50);
    expect(waiting.turn).toEqual({ kind: 'over', outcome: { kind: 'failed', failure } });
  });

  it('ends with the application', async () => {
    const waiting = wait();
    await clock.turn(75);
    closing.abort(new Error('the end'));
    await clock.turn(0);
    expect(waiting.error).toEqual(new Error('the end'));
    expect(clock.pending).toBe(0);
  });
});

describe('A store that is lost', () => {
  it.each([
    ['before', () => void (isLost = true), 0],
    ['by the try', () => void (holder = 'lost'), 1],
  ])('%s lets everybody ask without the lock', async (_, lose, tried) => {
    lose();
    const [needed, expiring] = [wait(), wait({ canWait: false })];
    await clock.turn(0);
    expect([isWithoutLock(needed.turn), isWithoutLock(expiring.turn)]).toEqual([true, true]);
    expect(tries).toHaveLength(2 * tried);
  });

  it('lets a renewal wait that nobody needs yet', async () => {
    isLost = true;
    const waiting = wait({ canWait: true });
    await clock.turn(0);
    expect(waiting.turn).toEqual({ kind: 'over', outcome: { kind: 'store-lost', inHand: 'in hand' } });
  });

  it('ends a wait for the lock', async () => {
    const waiting = wait({ canWait: false });
    await clock.turn(S);
    isLost = true;
    await clock.turn(50);
    expect(isWithoutLock(waiting.turn)).toBe(true);
  });
});

/** How long it was waited for in all, with a new holder at each of these times, in ms after the start. */
async function waitedMs(newHoldersAt: readonly number[] = [], callWaitMs?: number): Promise<number> {
  const startedAt = clock.now();
  const waiting = wait({ canWait: true }, callWaitMs);
  for (let passed = 0; waiting.turn === undefined && passed < 60 * S; passed += 25) {
    if (newHoldersAt.includes(passed)) {
      holder = `holder of ${passed}`;
    }
    await clock.turn(25);
  }
  expect(isWithoutLock(waiting.turn)).toBe(true);
  return (tries.at(-1) ?? 0) - startedAt;
}

describe('A holder that brings nothing', () => {
  it('is waited for as long as a lock lives', async () => {
    expect(await waitedMs()).toBe(LIFE_MS);
  });

  it('is waited for as long as a lock lives where nobody knows who it is', async () => {
    holder = null;
    expect(await waitedMs()).toBe(LIFE_MS);
  });

  it('is waited for anew when the lock has passed to another, seen at the next try', async () => {
    expect(await waitedMs([2 * S - 25], 60 * S)).toBe(2 * S + LIFE_MS);
  });

  it('is waited for no longer when the lock passes to a third', async () => {
    expect(await waitedMs([2 * S - 25, 4 * S - 25], 60 * S)).toBe(2 * S + LIFE_MS);
  });

  it('is waited for until 1 s before the callers give up, whoever has the lock', async () => {
    expect(await waitedMs([5 * S - 25], 10 * S)).toBe(9 * S);
  });

  it('is waited for as long as one lock lives, however soon the callers give up', async () => {
    expect(await waitedMs([5 * S - 25], S)).toBe(LIFE_MS);
  });
});
