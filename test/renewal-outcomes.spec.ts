import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { QuiqupRateLimitedError, QuiqupTokenEndpointUnavailableError } from '../lib/errors/index.js';
import { AuthEvents } from '../lib/token/auth-events.js';
import type { AcquiredToken } from '../lib/token/held-token.js';
import type { QuiqupAuthEvent, QuiqupRenewalCause } from '../lib/token/quiqup-auth-event.js';
import { RejectionBudget } from '../lib/token/rejection-budget.js';
import { RenewalOutcomes } from '../lib/token/renewal-outcomes.js';
import type { SharedRecords } from '../lib/token/shared-records.js';
import { TokenFailure } from '../lib/token/token-failure.js';
import { TokenLog } from '../lib/token/token-log.js';
import { TokenMemory, type WantedToken } from '../lib/token/token-memory.js';
import { ManualClock } from './support/manual-clock.js';
import { RecordedLog } from './support/recorded-log.js';

const S = 1_000;
const H = 3_600 * S;

let clock: ManualClock;
let log: RecordedLog;
let events: QuiqupAuthEvent[];
let memory: TokenMemory;
let budget: RejectionBudget;
let outcomes: RenewalOutcomes;

beforeEach(() => {
  clock = new ManualClock();
  log = new RecordedLog();
  Logger.overrideLogger(log);
  events = [];
  const random = { next: () => 0, id: () => 'an-id' };
  const records = { readBudget: () => Promise.resolve(), writeBudget: () => Promise.resolve() };
  memory = new TokenMemory({ ahead: 0.2, jitter: 0, margin: 0.1 }, random);
  budget = new RejectionBudget(records as unknown as SharedRecords, clock, random);
  outcomes = new RenewalOutcomes({
    memory,
    budget,
    events: new AuthEvents((event) => events.push(event)),
    log: new TokenLog('QuiqupAuth:an-account'),
    clock,
    random,
  });
});

const wanted = (cause: QuiqupRenewalCause = 'call'): WantedToken => ({ cause, since: 0, mayOverdraw: false });
const token = (changes: Partial<AcquiredToken> = {}): AcquiredToken => ({
  id: 'first',
  accessToken: 'token-1',
  requestedAt: clock.now(),
  lifetimeMs: H,
  source: 'endpoint',
  ...changes,
});
const dateIn = (ms: number): Date => new Date(clock.wallNow() + ms);
const unavailable = new QuiqupTokenEndpointUnavailableError('It cannot answer.');
const exhaust = async (): Promise<void> => {
  while (await budget.tryTake(false)) {
    // Until there is none.
  }
};

describe('A token that came', () => {
  it('is kept, and told of with its ages and how long it was waited for', () => {
    const held = outcomes.accept(token(), wanted('warm-up'), 70);
    expect(held).toMatchObject({ accessToken: 'token-1', expiresAt: clock.now() + H });
    expect(memory.held).toBe(held);
    expect(memory.lastRenewal).toEqual({ endedAt: clock.now() });
    expect(events).toEqual([
      {
        type: 'acquired',
        fingerprint: createHash('sha256').update('token-1').digest('hex').slice(0, 8),
        cause: 'warm-up',
        staleAt: dateIn(0.8 * H),
        expiringAt: dateIn(H - 60 * S),
        expiresAt: dateIn(H),
        lockWaitMs: 70,
      },
    ]);
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['acquired', { accessToken: 'token-2' }],
    ['reused', {}],
    ['adopted', { source: 'store', accessToken: 'token-2' }],
    ['adopted', { source: 'store' }],
  ] as const)('is told of as %s: %j', (type, changes) => {
    outcomes.accept(token(), wanted(), 0);
    outcomes.accept(token({ id: 'second', ...changes }), wanted('refresh'), 0);
    expect(events.at(-1)).toMatchObject({ type, cause: 'refresh' });
  });

  it('sets the pace of the budget', async () => {
    await exhaust();
    outcomes.accept(token({ lifetimeMs: 40 * S }), wanted(), 0);
    expect(budget.nextAt - clock.now()).toBe(10 * S);
  });

  it('is a failure as well where the endpoint goes on with one that has ended', async () => {
    const ended = token({ lifetimeMs: 10 * S });
    outcomes.accept(ended, wanted(), 0);
    await clock.turn(10 * S);
    // For 2 s the end may be a matter of rounding.
    outcomes.accept({ ...ended, id: 'second', requestedAt: clock.now(), lifetimeMs: 0 }, wanted(), 0);
    expect(events.map(({ type }) => type)).toEqual(['acquired', 'reused']);
    await clock.turn(2 * S);
    outcomes.accept({ ...ended, id: 'third', requestedAt: clock.now(), lifetimeMs: 0 }, wanted('schedule'), 0);
    expect(events.slice(2)).toMatchObject([{ type: 'renewal-failed', cause: 'schedule' }, { type: 'reused' }]);
    expect(memory.lastFailure).toMatchObject({ attempt: 1, retryable: true });
    expect(log.lines).toEqual([expect.stringMatching(/^warn .*a token that has ended/)]);
  });

  it('is none where it is another that has ended on its way', async () => {
    outcomes.accept(token({ requestedAt: clock.now() - 2 * H }), wanted(), 0);
    expect(events.map(({ type }) => type)).toEqual(['acquired']);
    expect(memory.lastFailure).toBeUndefined();
  });
});

describe('A renewal that failed', () => {
  it('is remembered, logged and told of, with when the endpoint is asked next', () => {
    const failure = outcomes.fail(unavailable, wanted('schedule'));
    expect(failure).toMatchObject({ error: unavailable, attempt: 1, failedAt: clock.now() });
    expect(memory.lastFailure).toBe(failure);
    expect(memory.lastRenewal).toEqual({ endedAt: clock.now(), error: unavailable });
    expect(events).toEqual([
      { type: 'renewal-failed', cause: 'schedule', error: unavailable, attempt: 1, nextAttemptAt: dateIn(250) },
    ]);
    expect(log.lines).toEqual(['warn [QuiqupAuth:an-account] It cannot answer.']);
  });

  it('counts on from the last', () => {
    outcomes.fail(unavailable, wanted());
    outcomes.fail(unavailable, wanted());
    expect(events).toMatchObject([{ attempt: 1 }, { attempt: 2, nextAttemptAt: dateIn(500) }]);
  });

  it('with an error of no known kind passes, and shows nothing of it', () => {
    const { error } = outcomes.fail(new Error('a-secret'), wanted());
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', retryable: true });
    expect(log.lines.join()).not.toContain('a-secret');
  });

  it('at another instance is remembered as one of its own', () => {
    const theirs = TokenFailure.at(clock.now() - 100, unavailable, {
      before: undefined,
      random: { next: () => 0, id: () => 'theirs' },
    });
    expect(outcomes.remember(theirs, wanted('refresh'))).toBe(theirs);
    expect(memory.lastFailure?.id).toBe('theirs');
    expect(events).toMatchObject([{ type: 'renewal-failed', cause: 'refresh', nextAttemptAt: dateIn(150) }]);
  });

  it('costs a line for each kind of failure in a row, and one for the token after it', () => {
    outcomes.fail(unavailable, wanted());
    outcomes.fail(unavailable, wanted());
    outcomes.fail(new QuiqupRateLimitedError('It limits.'), wanted());
    outcomes.accept(token(), wanted(), 0);
    outcomes.accept(token({ id: 'second', accessToken: 'token-2' }), wanted(), 0);
    outcomes.fail(new QuiqupRateLimitedError('It limits again.'), wanted());
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn .*It cannot answer/),
      expect.stringMatching(/^warn .*It limits\./),
      expect.stringMatching(/^log .*issues tokens again/),
      expect.stringMatching(/^warn .*It limits again/),
    ]);
    expect(memory.lastFailure?.attempt).toBe(1);
  });
});

describe('An exhausted budget', () => {
  it('is logged and told of once, with when there is a request again', async () => {
    await exhaust();
    outcomes.reportExhaustedBudget();
    outcomes.reportExhaustedBudget();
    const nextRequestAt = dateIn(30 * S);
    expect(events).toEqual([{ type: 'budget-exhausted', nextRequestAt }]);
    expect(log.lines).toEqual([expect.stringContaining(nextRequestAt.toISOString())]);
  });

  it('is told of again after a call was accepted', async () => {
    await exhaust();
    outcomes.reportExhaustedBudget();
    await budget.refund();
    outcomes.reportExhaustedBudget();
    expect(events.map(({ type }) => type)).toEqual(['budget-exhausted', 'budget-exhausted']);
  });
});
