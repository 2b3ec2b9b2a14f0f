import { describe, expect, it } from '@jest/globals';
import {
  QuiqupCredentialsRefusedError,
  QuiqupCredentialsUnavailableError,
  QuiqupRateLimitedError,
  QuiqupTokenEndpointUnavailableError,
  type QuiqupAuthError,
} from '../lib/errors/index.js';
import { TokenFailure } from '../lib/token/token-failure.js';

const S = 1_000;
const CREDENTIALS = { clientId: 'an-id', clientSecret: 'a-secret' };

const passing = new QuiqupTokenEndpointUnavailableError('unavailable');
const lasting = new QuiqupCredentialsRefusedError('refused');
const random = { next: () => 0.5, id: () => 'of-the-failure' };

const failed = (error: QuiqupAuthError = passing, before?: TokenFailure, failedAt = 0): TokenFailure =>
  TokenFailure.at(failedAt, error, { before, random });

/** The last of so many failures in a row. */
function inARow(count: number, error?: QuiqupAuthError): TokenFailure {
  let last = failed(error);
  for (let made = 1; made < count; made += 1) {
    last = failed(error, last);
  }
  return last;
}

describe('A failure to get a token', () => {
  it('has an id and a draw of its own, and the error', () => {
    expect(failed(passing, undefined, 7)).toMatchObject({
      id: 'of-the-failure',
      attempt: 1,
      draw: 0.5,
      failedAt: 7,
      retryable: true,
      error: passing,
    });
    expect(failed(lasting).retryable).toBe(false);
  });

  it('counts on from one of its kind, and from one where the kind changes', () => {
    expect(inARow(3).attempt).toBe(3);
    expect(inARow(3, lasting).attempt).toBe(3);
    expect(failed(lasting, inARow(3)).attempt).toBe(1);
    expect(failed(passing, inARow(3, lasting)).attempt).toBe(1);
  });

  it('waits as long as the endpoint says', () => {
    const limited = failed(new QuiqupRateLimitedError('limited', { retryAfterMs: 20 * S }), undefined, 5 * S);
    expect([limited.retryAfterMs, limited.retryAt(undefined)]).toEqual([20 * S, 25 * S]);
    expect(failed().retryAfterMs).toBeUndefined();
  });

  it('does not wait for what no endpoint says', () => {
    const error = Object.assign(new QuiqupCredentialsUnavailableError('none'), { retryAfterMs: 20 * S });
    expect(failed(error).retryAfterMs).toBeUndefined();
  });
});

describe('The pause after a failure', () => {
  it('is 5 s at most while there is no token, and grows while there is one', () => {
    // 0.5 s, doubled seven times, and three quarters of that by the draw.
    expect(inARow(8).retryAt(undefined)).toBe(0.75 * 5 * S);
    expect(inARow(8).retryAt(3_600 * S)).toBe(0.75 * 60 * S);
  });

  it.each([
    ['ends with the token, where that ends earlier', 20 * S, 20 * S],
    ['ends at its time, where the token ends just then', 45 * S, 45 * S],
    ['ends at its time, where the token ends later', 46 * S, 45 * S],
    ['does not end with a token earlier than it would without one', S, 0.75 * 5 * S],
  ])('%s', (_, neededAt, retryAt) => {
    expect(inARow(8).retryAt(neededAt)).toBe(retryAt);
  });

  it('is the same for all who are told of the failure', () => {
    const error = new QuiqupRateLimitedError('limited', { status: 429, retryAfterMs: 1 });
    const theirs = inARow(4, error);
    const { id, attempt, draw } = theirs;
    const record = { id, attempt, draw, code: error.code, message: error.message, status: 429, retryAfterMs: 1 };
    const told = TokenFailure.shared({ record, writtenAt: 100 }, CREDENTIALS);
    expect(told).toMatchObject({ id, attempt, draw, failedAt: 100 });
    expect(told.error).toBeInstanceOf(QuiqupRateLimitedError);
    expect(told.error).toMatchObject({ status: 429, message: 'limited' });
    expect(told.retryAt(undefined)).toBe(theirs.retryAt(undefined) + 100);
    expect(told.retryAt(3_600 * S)).toBe(theirs.retryAt(3_600 * S) + 100);
  });
});

describe('Credentials', () => {
  const refused = TokenFailure.at(0, lasting, { refused: CREDENTIALS, before: undefined, random });

  it.each([
    ['as they were refused', {}, false],
    ['with another id', { clientId: 'another' }, true],
    ['with another secret', { clientSecret: 'another' }, true],
  ])('%s', (_, changes, areOthers) => {
    expect(refused.refusedOthersThan({ ...CREDENTIALS, ...changes })).toBe(areOthers);
  });

  it('that were not sent were not refused', () => {
    expect(failed(lasting).refusedOthersThan(CREDENTIALS)).toBe(false);
  });

  it('that another instance was refused with are those of both', () => {
    const record = { id: 'a', attempt: 1, draw: 0, code: lasting.code, message: 'refused' };
    const told = TokenFailure.shared({ record, writtenAt: 0 }, CREDENTIALS);
    expect(told.refusedOthersThan(CREDENTIALS)).toBe(false);
    expect(told.refusedOthersThan({ ...CREDENTIALS, clientSecret: 'another' })).toBe(true);
  });
});
