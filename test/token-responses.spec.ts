import { describe, expect, it } from '@jest/globals';
import type { AxiosResponse } from 'axios';
import type { QuiqupTokenEndpointError } from '../lib/errors/index.js';
import { readTokenResponse } from '../lib/token/read-token-response.js';

const NOW = Date.UTC(2026, 10, 27, 12);
const SECRETS = ['a-client-id', 'a-client-secret'];

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, unknown>;
  /** Default of the token below. */
  readonly data?: unknown;
}

const read = ({ status = 200, headers = {}, data }: Answer) =>
  readTokenResponse({ status, headers, data } as unknown as AxiosResponse<unknown>, SECRETS, NOW);

const tokenWith = (changes: object = {}, status = 200): Answer => ({
  status,
  data: JSON.stringify({ access_token: 'a-token', token_type: 'bearer', expires_in: 60, ...changes }),
});

function failureOf(answer: Answer): QuiqupTokenEndpointError {
  try {
    read(answer);
  } catch (error) {
    return error as QuiqupTokenEndpointError;
  }
  throw new Error('It is a token.');
}

const refusal = (body: object, headers = {}): Answer => ({ status: 400, headers, data: JSON.stringify(body) });

describe('A token response', () => {
  it.each<[string, Answer, number | undefined]>([
    ['with a number', tokenWith(), 60],
    ['with a fraction', tokenWith({ expires_in: 59.5 }), 59.5],
    ['with a numeric text', tokenWith({ expires_in: ' 60  ' }), 60],
    ['with a fraction as text', tokenWith({ expires_in: '059.25' }), 59.25],
    ['with 0', tokenWith({ expires_in: 0 }), 0],
    ['without a lifetime', tokenWith({ expires_in: undefined }), undefined],
    ['with null for a lifetime', tokenWith({ expires_in: null }), undefined],
    ['with a lifetime beyond dates', tokenWith({ expires_in: 1e300 }), 100 * 365 * 24 * 3_600],
    ['with a type in capitals', tokenWith({ token_type: 'BEARER' }), 60],
    ['with an error that is null', tokenWith({ error: null }), 60],
    ['of 201', tokenWith({}, 201), 60],
    ['of 299', tokenWith({}, 299), 60],
    ['with words that are no error', tokenWith({ message: 'welcome', code: 'not_found' }), 60],
  ])('%s is one', (_, answer, expiresIn) => {
    expect(read(answer)).toEqual({ accessToken: 'a-token', expiresIn, refreshToken: undefined });
  });

  it.each([
    ['a-refresh-token', 'a-refresh-token'],
    ['', undefined],
    ['with a space', undefined],
    [5, undefined],
    [null, undefined],
  ])('with %j for a refresh token has %p', (refresh_token, refreshToken) => {
    expect(read(tokenWith({ refresh_token })).refreshToken).toBe(refreshToken);
  });

  it.each<[string, Answer, string]>([
    ['without a token', tokenWith({ access_token: undefined }), 'access_token is missing'],
    ['with a token that is no text', tokenWith({ access_token: 5 }), 'access_token is missing'],
    ['with an empty token', tokenWith({ access_token: '' }), 'access_token is missing'],
    ['with a line end after the token', tokenWith({ access_token: 'a\n' }), 'access_token is missing'],
    ['with a space before the token', tokenWith({ access_token: ' a' }), 'access_token is missing'],
    ['with a letter that no header takes', tokenWith({ access_token: 'ä' }), 'access_token is missing'],
    ['of another type', tokenWith({ token_type: 'mac' }), 'token_type is not bearer'],
    ['without a type', tokenWith({ token_type: undefined }), 'token_type is not bearer'],
    ['with a negative lifetime', tokenWith({ expires_in: -1 }), 'expires_in is not a number'],
    ['with an endless lifetime', { data: tokenDataWith('1e999') }, 'expires_in is not a number'],
    ['with words for a lifetime', tokenWith({ expires_in: 'an hour' }), 'expires_in is not a number'],
    ['with words after the lifetime', tokenWith({ expires_in: '60 s' }), 'expires_in is not a number'],
    ['with words before the lifetime', tokenWith({ expires_in: 's 60' }), 'expires_in is not a number'],
    ['with a point and nothing after it', tokenWith({ expires_in: '60.' }), 'expires_in is not a number'],
    ['with letters after the point', tokenWith({ expires_in: '60.x' }), 'expires_in is not a number'],
    ['with an empty lifetime', tokenWith({ expires_in: '' }), 'expires_in is not a number'],
    ['that is HTML', { data: '<html>' }, 'not a JSON object'],
    ['that is empty', { data: '' }, 'not a JSON object'],
    ['that is null', { data: 'null' }, 'not a JSON object'],
    ['that is a text', { data: '"text"' }, 'not a JSON object'],
    ['that is no text at all', { data: { access_token: 'a', token_type: 'bearer' } }, 'not a JSON object'],
    ['with a code that is no word', { data: '{"code":"Not A Word"}' }, 'access_token is missing'],
  ])('%s is none', (_, answer, problem) => {
    const error = failureOf(answer);
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_RESPONSE_INVALID', status: 200 });
    expect(error.message).toContain(problem);
  });

  it.each([199, 300, 401])('of %d is none, whatever is in it', (status) => {
    expect(failureOf(tokenWith({}, status)).status).toBe(status);
  });

  it('with an error in it is that error, and neither of its tokens is shown', () => {
    const said = 'got a-token and a-refresh for a-client-secret';
    const error = failureOf(tokenWith({ error: 'server_error', error_description: said, refresh_token: 'a-refresh' }));
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', status: 200, oauthError: 'server_error' });
    expect(error.message).toContain('(200 server_error: got [redacted] and [redacted] for [redacted])');
  });

  it('with an empty token beside an error is that error', () => {
    const error = failureOf(tokenWith({ error: 'server_error', access_token: '', error_description: 'so' }));
    expect(error.message).toContain('(200 server_error: so)');
  });

  it('with an error that is no word is a refusal all the same', () => {
    expect(failureOf(tokenWith({ error: 'No Word' })).message).toContain('(200)');
    expect(failureOf(tokenWith({ error: '' })).message).toContain('(200)');
  });

  it("with one of Quiqup's codes in place of a token is that failure", () => {
    expect(failureOf({ data: '{"code":"unavailable"}' })).toMatchObject({
      code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE',
      quiqupCode: 'unavailable',
    });
  });

  it('has nothing that an application has put on every object', () => {
    const prototype = Object.prototype as { error?: string };
    prototype.error = 'invalid_client';
    try {
      expect(read(tokenWith())).toMatchObject({ accessToken: 'a-token' });
    } finally {
      delete prototype.error;
    }
  });
});

/** JSON has numbers that are too large for a number. */
function tokenDataWith(expiresIn: string): string {
  return `{"access_token":"a-token","token_type":"bearer","expires_in":${expiresIn}}`;
}

describe('A refusal', () => {
  it('says what the body says in either shape, without the secrets', () => {
    expect(failureOf(refusal({ error: 'invalid_request', error_description: 'no a-client-id' })).message).toContain(
      '(400 invalid_request: no [redacted])',
    );
    expect(failureOf(refusal({ code: 'invalid_argument', message: 'wrong' })).message).toContain(
      '(400 invalid_argument: wrong)',
    );
    expect(failureOf(refusal({ error_description: 'first', message: 'second' })).message).toContain('(400: first)');
  });

  it('says nothing where the message is no text', () => {
    expect(failureOf(refusal({ message: 5 })).message).toContain('(400)');
    expect(failureOf(refusal({ message: '' })).message).toContain('(400)');
  });

  it('names up to three of the fields that Quiqup finds wrong', () => {
    const fields = [1, 2, 3, 4].map((count) => ({ field: `f${count}`, message: 'is wrong' }));
    expect(failureOf(refusal({ message: 'wrong', details: { fields } })).message).toContain(
      '(400: wrong; f1: is wrong; f2: is wrong; f3: is wrong)',
    );
    expect(failureOf(refusal({ details: { fields: fields.slice(3) } })).message).toContain('(400: f4: is wrong)');
  });

  it.each([
    ['no list', 'text'],
    ['a list of nothing', [null]],
    ['a field without a message', [{ field: 'f' }]],
    ['a message without a field', [{ message: 'is wrong' }]],
    ['a field that is no text', [{ field: 5, message: 'is wrong' }]],
    ['a message that is no text', [{ field: 'f', message: 5 }]],
  ])('names no field where there is %s', (_, fields) => {
    expect(failureOf(refusal({ details: { fields } })).message).toContain('(400)');
    expect(failureOf(refusal({ details: fields })).message).toContain('(400)');
    expect(failureOf(refusal({ details: null })).message).toContain('(400)');
  });
});

/** The delay that a response asks for, in ms. */
const waitOf = (value: unknown, date?: unknown): number | undefined =>
  failureOf({ status: 429, headers: { 'retry-after': value, date } }).retryAfterMs;
const at = (ms: number): string => new Date(NOW + ms).toUTCString();

describe('Retry-After', () => {
  it.each<[string, unknown, number | undefined]>([
    ['seconds', '30', 30_000],
    ['seconds between blanks', ' 30 ', 30_000],
    ['a fraction of a second', '0.25', 250],
    ['more than numbers hold', '9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['a point and nothing after it', '30.', undefined],
    ['a point and letters', '30.x', undefined],
    ['a negative number', '-5', undefined],
    ['words', 'in 2099', undefined],
    ['words with a time in them', 'at 12:00:00', undefined],
    ['seconds and words', '30 s', undefined],
    ['words and seconds', 's 30', undefined],
    ['a list', ['30'], undefined],
    ['nothing', undefined, undefined],
  ])('with %s', (_, value, ms) => {
    expect(waitOf(value)).toBe(ms);
  });

  it('with a date is how long it is until then, and no less than nothing', () => {
    expect([waitOf(at(30_000)), waitOf(at(-30_000))]).toEqual([30_000, 0]);
  });

  it('with a date is measured by the date of the response, where it has one', () => {
    expect(waitOf(at(30_000), at(20_000))).toBe(10_000);
    expect(waitOf(at(30_000), 'no date')).toBe(30_000);
  });
});
