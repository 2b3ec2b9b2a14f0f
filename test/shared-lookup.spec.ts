import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { QuiqupSharedConfig } from '../lib/config/index.js';
import { QuiqupTokenEndpointUnavailableError } from '../lib/errors/index.js';
import { CacheTokenStore } from '../lib/store/cache-token-store.js';
import { StoreLog } from '../lib/store/store-log.js';
import type { AcquiredToken } from '../lib/token/held-token.js';
import { SharedLookup } from '../lib/token/shared-lookup.js';
import { SharedRecords } from '../lib/token/shared-records.js';
import { TokenFailure } from '../lib/token/token-failure.js';
import { TokenMemory, type WantedToken } from '../lib/token/token-memory.js';
import { EntriesInMemory } from './support/entries-in-memory.js';
import { HandClock } from './support/hand-clock.js';

const H = 3_600_000;
const random = { next: () => 0, id: () => 'of-the-failure' };

let clock: HandClock;
let theirs: SharedRecords;
let memory: TokenMemory;
let lookup: SharedLookup;
beforeEach(() => {
  Logger.overrideLogger(false);
  clock = new HandClock();
  const entries = new EntriesInMemory(clock);
  const recordsOfAnInstance = (): SharedRecords => {
    const store = new CacheTokenStore(entries, { log: new StoreLog(), listener: () => undefined, clock }, clock);
    const cache = { sealingKeys: () => [] };
    const records = new SharedRecords({ tokenUrl: '', cache } as unknown as QuiqupSharedConfig, store, clock);
    records.openWith({ clientId: 'an-id', clientSecret: 'a-secret' });
    return records;
  };
  theirs = recordsOfAnInstance();
  memory = new TokenMemory({ ahead: 0.2, jitter: 0, margin: 0.1 }, random);
  lookup = new SharedLookup(recordsOfAnInstance(), memory, clock);
});

const wanted = (): WantedToken => ({ cause: 'call', since: clock.now(), mayOverdraw: false });
const token = (requestedAt = clock.now()): AcquiredToken => ({
  id: 'of-the-token',
  accessToken: 'the-token',
  requestedAt,
  lifetimeMs: H,
  source: 'endpoint',
});

describe('A look into the store', () => {
  it('finds a token that is better than the one in hand, and no other', async () => {
    expect(await lookup.findToken(wanted())).toBeUndefined();
    await theirs.writeToken(token());
    const found = await lookup.findToken(wanted());
    expect(found).toMatchObject({ id: 'of-the-token', source: 'store' });
    memory.accept(token(), clock.now());
    expect(await lookup.findToken(wanted())).toBeUndefined();
  });

  it('finds a token that has not ended', async () => {
    await theirs.writeToken(token());
    await clock.turn(H);
    expect(await lookup.findToken(wanted())).toBeUndefined();
  });

  it('finds one that was requested later than another', async () => {
    const requestedAt = clock.now();
    await theirs.writeToken(token(requestedAt));
    expect(await lookup.findLater(wanted(), requestedAt - 1)).toMatchObject({ id: 'of-the-token' });
    expect(await lookup.findLater(wanted(), requestedAt)).toBeUndefined();
    memory.accept(token(), clock.now());
    expect(await lookup.findLater(wanted(), requestedAt - 1)).toBeUndefined();
  });

  it('finds a failure, which forbids to ask once', async () => {
    expect(await lookup.findFailure()).toBeUndefined();
    const error = new QuiqupTokenEndpointUnavailableError('unavailable');
    await theirs.writeFailure(TokenFailure.at(clock.now(), error, { before: undefined, random }));
    expect(await lookup.findFailure()).toMatchObject({ failure: { id: 'of-the-failure' }, forbids: true });
    expect(await lookup.findFailure()).toMatchObject({ failure: { id: 'of-the-failure' }, forbids: false });
  });
});
