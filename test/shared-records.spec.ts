import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { QuiqupSharedConfig } from '../lib/config/index.js';
import {
  QuiqupCredentialsUnavailableError,
  QuiqupRateLimitedError,
  QuiqupTokenEndpointUnavailableError,
  type QuiqupAuthError,
} from '../lib/errors/index.js';
import { CacheTokenStore } from '../lib/store/cache-token-store.js';
import { StoreLog } from '../lib/store/store-log.js';
import type { AcquiredToken } from '../lib/token/held-token.js';
import { SharedRecords } from '../lib/token/shared-records.js';
import { TokenFailure } from '../lib/token/token-failure.js';
import { EntriesInMemory } from './support/entries-in-memory.js';
import { HandClock } from './support/hand-clock.js';

const S = 1_000;
const MINUTE = 60 * S;
const H = 60 * MINUTE;
const CREDENTIALS = { clientId: 'an-id', clientSecret: 'a-secret' };

let clock: HandClock;
let entries: EntriesInMemory;
let ours: SharedRecords;
let theirs: SharedRecords;
/** How often the application was asked for keys of its own. */
let keysAsked: number;

/** Of an instance with these credentials. */
function recordsOf(credentials: Partial<typeof CREDENTIALS> = {}): SharedRecords {
  const store = new CacheTokenStore(entries, { log: new StoreLog(), listener: () => undefined, clock }, clock);
  const config = {
    tokenUrl: 'https://quiqup.example/oauth/token',
    cache: {
      sealingKeys: () => {
        keysAsked += 1;
        return [];
      },
    },
  } as unknown as QuiqupSharedConfig;
  const records = new SharedRecords(config, store, clock);
  records.openWith({ ...CREDENTIALS, ...credentials });
  return records;
}

beforeEach(() => {
  Logger.overrideLogger(false);
  clock = new HandClock();
  entries = new EntriesInMemory(clock);
  ours = recordsOf();
  theirs = recordsOf();
  keysAsked = 0;
});

const token = (changes: Partial<AcquiredToken> = {}): AcquiredToken => ({
  id: 'of-the-token',
  accessToken: 'the-token',
  requestedAt: clock.now(),
  lifetimeMs: H,
  source: 'endpoint',
  ...changes,
});

const failure = (error: QuiqupAuthError = new QuiqupTokenEndpointUnavailableError('unavailable')): TokenFailure =>
  TokenFailure.at(clock.now(), error, { before: undefined, random: { next: () => 0, id: () => 'of-the-failure' } });

describe('A shared token', () => {
  it('is found by others with its age', async () => {
    const requestedAt = clock.now();
    await clock.turn(2 * S);
    await ours.writeToken(token({ requestedAt }));
    const writtenAt = clock.now();
    await clock.turn(10 * MINUTE);
    expect(await theirs.readToken()).toEqual({ ...token({ requestedAt }), source: 'store', writtenAt });
  });

  it.each([
    ['10 min longer than the token', { lifetimeMs: H }, H + 10 * MINUTE],
    ['10 min and 1 s at least', { lifetimeMs: 0 }, S + 10 * MINUTE],
  ])('stays for %s', async (_, changes, ttlMs) => {
    await ours.writeToken(token(changes));
    expect(entries.leftMs).toEqual([ttlMs]);
  });

  it('stays no longer for having been asked for early', async () => {
    const requestedAt = clock.now();
    await clock.turn(MINUTE);
    await ours.writeToken(token({ requestedAt }));
    expect(entries.leftMs).toEqual([H + 9 * MINUTE]);
  });
});

describe('A shared failure', () => {
  it('is known to others with its pause', async () => {
    const own = failure(new QuiqupRateLimitedError('limited', { status: 429, retryAfterMs: 20 * S }));
    await ours.writeFailure(own);
    await clock.turn(S);
    const told = await theirs.readFailure();
    expect(told).toMatchObject({ id: 'of-the-failure', attempt: 1, error: { status: 429, message: 'limited' } });
    expect(told?.retryAt(undefined)).toBe(own.retryAt(undefined));
  });

  it('counts for 15 s after its pause, and its entry stays for 10 min more', async () => {
    // The pause is 0.25 s.
    await ours.writeFailure(failure());
    expect(entries.leftMs).toEqual([250 + 15 * S + 10 * MINUTE]);
    await clock.turn(250 + 15 * S - 1);
    expect(await theirs.readFailure()).toBeDefined();
    await clock.turn(1);
    expect(await theirs.readFailure()).toBeUndefined();
  });

  it('whose pause has passed is still told of', async () => {
    const own = failure();
    await clock.turn(10 * S);
    await ours.writeFailure(own);
    expect(entries.leftMs).toEqual([15 * S + 10 * MINUTE]);
  });

  it('is none where it says nothing of the endpoint', async () => {
    await ours.writeFailure(failure(new QuiqupCredentialsUnavailableError('no secret')));
    expect(entries.kept.size).toBe(0);
  });

  it('is taken away', async () => {
    await ours.writeFailure(failure());
    await theirs.removeFailure();
    expect(await ours.readFailure()).toBeUndefined();
  });
});

describe('The shared budget', () => {
  it('is found as it was left, and when that was', async () => {
    expect(await ours.readBudget()).toBeUndefined();
    await ours.writeBudget({ id: 'of-the-budget', left: 1.5 });
    const writtenAt = clock.now();
    expect(entries.leftMs).toEqual([12 * MINUTE]);
    await clock.turn(S);
    expect(await theirs.readBudget()).toEqual({ id: 'of-the-budget', left: 1.5, writtenAt });
  });
});

describe('Records', () => {
  it.each([{ clientId: 'another' }, { clientSecret: 'another' }])(
    'of other credentials are others: %j',
    async (other) => {
      await ours.writeToken(token());
      await ours.writeFailure(failure());
      const another = recordsOf(other);
      expect([await another.readToken(), await another.readFailure()]).toEqual([undefined, undefined]);
      expect(another.lockKey).not.toBe(ours.lockKey);
      ours.openWith({ ...CREDENTIALS, ...other });
      expect(ours.lockKey).toBe(another.lockKey);
    },
  );

  it('of the same credentials are the same', async () => {
    await ours.writeToken(token());
    ours.openWith({ ...CREDENTIALS });
    expect(await ours.readToken()).toBeDefined();
    expect(ours.lockKey).toBe(theirs.lockKey);
    expect(ours.lockKey).toMatch(/:lock$/);
    expect(keysAsked).toBe(0);
  });

  it('are none before the credentials are known', async () => {
    const store = new CacheTokenStore(entries, { log: new StoreLog(), listener: () => undefined, clock }, clock);
    const closed = new SharedRecords({} as QuiqupSharedConfig, store, clock);
    await closed.writeToken(token());
    await closed.writeFailure(failure());
    await closed.writeBudget({ id: 'a', left: 1 });
    await closed.removeFailure();
    expect(entries.kept.size).toBe(0);
    expect([await closed.readToken(), await closed.readFailure(), await closed.readBudget()]).toEqual(
      Array.from({ length: 3 }, () => undefined),
    );
    expect(closed.lockKey).toBe('');
  });

  it('are lost with the store, until it is reached again', async () => {
    expect(ours.isLost).toBe(false);
    entries.isBroken = true;
    await ours.readToken();
    expect(ours.isLost).toBe(true);
    entries.isBroken = false;
    clock.jump(S - 1);
    await ours.reach();
    expect(ours.isLost).toBe(true);
    clock.jump(1);
    await ours.reach();
    expect(ours.isLost).toBe(false);
  });
});
