import { describe, expect, it } from '@jest/globals';
import { failureOf, isKnownErrorCode, type RefusedResponse } from '../lib/token/token-endpoint-failure.js';
import {
  INVALID,
  KNOWN_ERROR_CODES,
  LIMITED,
  NOT_FOUND,
  REFUSED,
  UNAVAILABLE,
  WRONG,
} from './support/token-refusals.js';

const failureWith = (response: Partial<RefusedResponse>) =>
  failureOf({
    status: 403,
    oauthError: undefined,
    quiqupCode: undefined,
    description: undefined,
    retryAfterMs: undefined,
    ...response,
  });

describe('A response without a token that says nothing known', () => {
  it.each<[number, string]>([
    [200, INVALID],
    [299, INVALID],
    [300, NOT_FOUND],
    [307, NOT_FOUND],
    [399, NOT_FOUND],
    [400, WRONG],
    [401, REFUSED],
    [402, INVALID],
    [403, INVALID],
    [404, NOT_FOUND],
    [408, UNAVAILABLE],
    [409, INVALID],
    [429, LIMITED],
    [498, INVALID],
    [499, UNAVAILABLE],
    [500, UNAVAILABLE],
    [599, UNAVAILABLE],
  ])('is told by its status: %d is %s', (status, code) => {
    expect(failureWith({ status })).toMatchObject({ code, status });
    expect(failureWith({ status, oauthError: 'never_heard_of', quiqupCode: 'nor_of_this' })).toMatchObject({ code });
  });
});

describe('A word of the body', () => {
  it.each(KNOWN_ERROR_CODES)('that is known says more than the status, in either shape: %s is %s', (word, code) => {
    expect(isKnownErrorCode(word)).toBe(true);
    expect(failureWith({ oauthError: word })).toMatchObject({ code, oauthError: word });
    expect(failureWith({ quiqupCode: word })).toMatchObject({ code, quiqupCode: word });
  });

  it.each([
    [429, LIMITED],
    [408, UNAVAILABLE],
    [499, UNAVAILABLE],
    [503, UNAVAILABLE],
  ])('says less than the status of a gateway: %d is %s', (status, code) => {
    expect(failureWith({ status, oauthError: 'invalid_client' }).code).toBe(code);
  });

  it('of OAuth says more than that of Quiqup, where it is known', () => {
    expect(failureWith({ oauthError: 'invalid_client', quiqupCode: 'internal' }).code).toBe(REFUSED);
    expect(failureWith({ oauthError: 'never_heard_of', quiqupCode: 'internal' }).code).toBe(UNAVAILABLE);
  });

  it('that is empty or never heard of is not known', () => {
    expect([isKnownErrorCode(''), isKnownErrorCode('never_heard_of')]).toEqual([false, false]);
  });
});

describe('What a refusal shows', () => {
  it('is the status, the words and the description, as far as there are any', () => {
    expect(failureWith({}).message).toContain('(403)');
    expect(failureWith({ oauthError: 'a' }).message).toContain('(403 a)');
    expect(failureWith({ quiqupCode: 'b', description: 'why' }).message).toContain('(403 b: why)');
    expect(failureWith({ oauthError: 'a', quiqupCode: 'b', description: 'why' }).message).toContain('(403 a b: why)');
  });

  it.each([
    ['what a refused client should check', { status: 401 }, 'client id and secret'],
    ['whom to ask for a client without the right', { oauthError: 'unauthorized_client' }, 'ask Quiqup'],
    ['where a wrong request may come from', { status: 400 }, 'proxy'],
    ['where the address is told', { status: 404 }, 'baseUrl'],
    ['what may use up the limit', { status: 429 }, 'other processes'],
    ['that it passes', { status: 503 }, 'repeated'],
    ['what may answer in the place of Quiqup', { status: 403 }, 'log-in page'],
  ])('is %s', (_, response, words) => {
    expect(failureWith(response).message).toContain(words);
  });

  it('is all that callers may look at', () => {
    const details = { status: 429, oauthError: 'slow_down', quiqupCode: 'resource_exhausted', retryAfterMs: 1_000 };
    expect(failureWith(details)).toMatchObject(details);
  });
});
