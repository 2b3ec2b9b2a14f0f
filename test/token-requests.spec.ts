import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CanceledError } from 'axios';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { createQuiqupAuthConfig } from '../lib/config/quiqup-auth.config.js';
import type { QuiqupHttpOptions } from '../lib/config/quiqup-auth-options.interface.js';
import type { QuiqupTokenEndpointError } from '../lib/errors/index.js';
import { AuthEvents } from '../lib/token/auth-events.js';
import type { QuiqupAuthEvent } from '../lib/token/quiqup-auth-event.js';
import { requestToken } from '../lib/token/request-token.js';
import { createTokenClient } from '../lib/token/token-client.js';
import { TokenEndpoint } from '../lib/token/token-endpoint.js';
import { ManualClock } from './support/manual-clock.js';
import { RecordedLog } from './support/recorded-log.js';
import { brokenConnection, fails, issues, ScriptedEndpoint, type ScriptedAnswer } from './support/scripted-endpoint.js';
import {
  INVALID,
  KNOWN_ERROR_CODES,
  LIMITED,
  NOT_FOUND,
  REFUSED,
  UNAVAILABLE,
  WRONG,
} from './support/token-refusals.js';

const S = 1_000;
const CREDENTIALS = { clientId: 'a-client-id', clientSecret: 'a-client-secret' };

let clock: ManualClock;
let endpoint: ScriptedEndpoint;
let events: QuiqupAuthEvent[];
let requester: TokenEndpoint;
let closing: AbortController;

const configWith = (http: QuiqupHttpOptions = {}) =>
  createQuiqupAuthConfig({ baseUrl: 'http://localhost', ...CREDENTIALS, http: { adapter: endpoint.adapter, ...http } });

beforeEach(() => {
  clock = new ManualClock();
  endpoint = new ScriptedEndpoint(clock);
  events = [];
  closing = new AbortController();
  const config = configWith();
  const told = new AuthEvents((event) => events.push(event));
  requester = new TokenEndpoint(config, told, createTokenClient(config), { clock, ioClock: clock });
});

const request = (clientId = CREDENTIALS.clientId) => requester.request({ ...CREDENTIALS, clientId }, closing.signal);
/** Of a request with these options, as it reached the endpoint. */
const sendWith = async (http: QuiqupHttpOptions) => {
  const client = createTokenClient(configWith(http));
  await client.send({ method: 'POST', url: 'http://localhost/oauth/token', body: '{}', signal: closing.signal });
  return endpoint.requests.at(-1)?.config;
};
const failure = (work = request()): Promise<QuiqupTokenEndpointError> =>
  work.then(
    () => Promise.reject(new Error('It succeeded.')),
    (error: QuiqupTokenEndpointError) => error,
  );
const failureAfter = (answer: ScriptedAnswer): Promise<QuiqupTokenEndpointError> => {
  endpoint.next.push(answer);
  return failure();
};
const bodies = () => endpoint.requests.map(({ body }) => body);

describe('A token request', () => {
  it('carries the client credentials as JSON, takes text, follows no redirect and believes no status', async () => {
    await request();
    expect(bodies()).toEqual([
      { grant_type: 'client_credentials', client_id: 'a-client-id', client_secret: 'a-client-secret' },
    ]);
    const [sent] = endpoint.requests;
    expect(sent?.config).toMatchObject({
      method: 'post',
      url: 'http://localhost/oauth/token',
      maxRedirects: 0,
      maxContentLength: 1024 * 1024,
      fetchOptions: { redirect: 'manual' },
      responseType: 'text',
    });
    expect(sent?.config.headers.toJSON()).toMatchObject({
      Accept: 'application/json',
      'Content-Type': 'application/json',
    });
  });

  it('takes the network options of the calls, and no others', async () => {
    const network: QuiqupHttpOptions = { family: 4, proxy: false, socketPath: '/a/socket' };
    const sent = await sendWith({ ...network, headers: { 'X-Own': 'of calls' }, timeout: 5 });
    expect(sent).toMatchObject(network);
    expect(sent?.headers.has('X-Own')).toBe(false);
    expect(sent?.timeout).not.toBe(5);
    expect(Object.keys((await sendWith({})) ?? {})).not.toContain('socketPath');
  });

  it('is told of with its outcome and how long it took', async () => {
    endpoint.next.push({ ...issues('a-token'), status: 201, afterMs: 40 });
    const answer = request();
    await clock.turn(40);
    expect(await answer).toEqual({ accessToken: 'a-token', expiresIn: 3_600, refreshToken: undefined });
    const refused = failureAfter({ ...fails(503), afterMs: 70 });
    await clock.turn(70);
    await refused;
    await failureAfter({ breaksWith: brokenConnection('ECONNRESET') });
    const type = 'token-request';
    const grantType = 'client_credentials';
    expect(events).toEqual([
      { type, grantType, outcome: 'success', status: 201, durationMs: 40 },
      { type, grantType, outcome: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', status: 503, durationMs: 70 },
      { type, grantType, outcome: 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', status: undefined, durationMs: 0 },
    ]);
  });

  it.each<[string, ScriptedAnswer]>([
    ['is answered', {}],
    ['is refused', fails(401)],
    ['breaks', { breaksWith: new Error('broken') }],
  ])('leaves nothing behind when it %s: no listener, no timer', async (_how, answer) => {
    endpoint.next.push(answer);
    await request().catch(() => undefined);
    expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('is ended as a whole after timeouts.tokenRequest', async () => {
    endpoint.next.push({ afterMs: Infinity });
    let error: unknown;
    const failed = failure().then((thrown) => (error = thrown));
    await clock.turn(5 * S - 1);
    expect(error).toBeUndefined();
    await clock.turn(1);
    await failed;
    expect(error).toMatchObject({
      code: 'QUIQUP_TOKEN_REQUEST_TIMEOUT',
      retryable: true,
      message: expect.stringContaining('5000 ms'),
    });
    expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
  });

  it('is ended at the shutdown, which is told apart from a failure', async () => {
    endpoint.next.push({ afterMs: Infinity });
    const failed = failure();
    await clock.turn(S);
    closing.abort();
    expect(await failed).toMatchObject({ code: 'QUIQUP_SHUT_DOWN' });
    expect(await failure()).toMatchObject({ code: 'QUIQUP_SHUT_DOWN' });
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each([
    ['a code of Node', brokenConnection('ECONNREFUSED'), '(ECONNREFUSED)'],
    ['a code of three letters', brokenConnection('EIO'), '(EIO)'],
    ['a code of two', brokenConnection('EI'), '(no code)'],
    ['a code of 40 characters', brokenConnection(`E${'X'.repeat(39)}`), `(E${'X'.repeat(39)})`],
    ['a code of 41', brokenConnection(`E${'X'.repeat(40)}`), '(no code)'],
    ['a code with a secret after it', brokenConnection('ECONN a-client-secret'), '(no code)'],
    ['a code with a secret before it', brokenConnection('a-client-secret ECONN'), '(no code)'],
    ['no code', brokenConnection(undefined), '(no code)'],
    ['a code that is no text', brokenConnection(5 as never), '(no code)'],
    ['a cancellation that nobody asked for', new CanceledError('of the adapter'), '(ERR_CANCELED)'],
    ['another error, whatever its code', Object.assign(new Error('a-client-secret'), { code: 'EOTHER' }), '(no code)'],
    ['no error at all', 'a-client-secret', '(no code)'],
  ])('that breaks is shown with nothing but its code: %s', async (_what, breaksWith, shown) => {
    const error = await failureAfter({ breaksWith });
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', retryable: true });
    expect(error.message).toContain(shown);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('a-client-secret');
  });

  it('whose answer breaks off is answered wrongly', async () => {
    expect(await failureAfter({ breaksWith: brokenConnection('ERR_BAD_RESPONSE') })).toMatchObject({
      code: 'QUIQUP_TOKEN_RESPONSE_INVALID',
      message: expect.stringContaining('1 MiB'),
    });
  });

  it('can be made for nobody', async () => {
    endpoint.next.push(issues('for-nobody', 60));
    expect(await requestToken(configWith())).toMatchObject({ accessToken: 'for-nobody', expiresIn: 60 });
    expect(bodies()).toEqual([
      { grant_type: 'client_credentials', client_id: 'a-client-id', client_secret: 'a-client-secret' },
    ]);
  });
});

const withRefresh = (token: string, refreshToken: unknown): ScriptedAnswer => ({
  body: { ...(issues(token).body as object), refresh_token: refreshToken },
});
const grants = () => bodies().map((body) => [body['grant_type'], body['refresh_token']]);
const quoting = (error: string) => fails(400, { error, error_description: 'No: the-refresh-token' });

describe('A refresh token', () => {
  it('that comes is used for the next, and stays in use without a successor', async () => {
    endpoint.next.push(withRefresh('a', 'r1'), withRefresh('b', 'r2'), issues('c'), issues('d'));
    for (let count = 0; count < 4; count += 1) {
      await request();
    }
    expect(grants()).toEqual([
      ['client_credentials', undefined],
      ['refresh_token', 'r1'],
      ['refresh_token', 'r2'],
      ['refresh_token', 'r2'],
    ]);
    expect(bodies().at(-1)).toMatchObject({ client_id: 'a-client-id', client_secret: 'a-client-secret' });
  });

  it.each([5, '', 'with a space', null])('that could be none is none: %p', async (refreshToken) => {
    endpoint.next.push(withRefresh('a', refreshToken));
    await request();
    await request();
    expect(grants().at(-1)).toEqual(['client_credentials', undefined]);
  });

  it('of one client is not used for another', async () => {
    endpoint.next.push(withRefresh('a', 'r1'));
    await request();
    await request('another');
    expect(grants().at(-1)).toEqual(['client_credentials', undefined]);
  });

  it.each([fails(400, { error: 'invalid_grant' }), fails(400, { error: 'unauthorized_client' }), fails(401, '<html>')])(
    'that is refused gives way to the client credentials, at once and for good',
    async (refusal) => {
      endpoint.next.push(withRefresh('a', 'r1'), refusal, withRefresh('b', 'r2'));
      await request();
      expect(await request()).toMatchObject({ accessToken: 'b' });
      await request();
      expect(grants()).toEqual([
        ['client_credentials', undefined],
        ['refresh_token', 'r1'],
        ['client_credentials', undefined],
        ['client_credentials', undefined],
      ]);
      expect(events.map((event) => (event.type === 'token-request' ? event.grantType : ''))).toEqual([
        'client_credentials',
        'refresh_token',
        'client_credentials',
        'client_credentials',
      ]);
    },
  );

  it.each([
    [fails(401, { error: 'invalid_client' }), 'QUIQUP_CREDENTIALS_REFUSED'],
    [fails(503), 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE'],
    [{ breaksWith: brokenConnection('ECONNRESET') }, 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE'],
  ])('is kept when it is not what was refused', async (answer, code) => {
    endpoint.next.push(withRefresh('a', 'r1'), answer);
    await request();
    expect(await failure()).toMatchObject({ code });
    await request();
    expect(grants().slice(1)).toEqual([
      ['refresh_token', 'r1'],
      ['refresh_token', 'r1'],
    ]);
  });

  it('that is quoted is not shown, also when the client credentials are refused after it', async () => {
    endpoint.next.push(withRefresh('a', 'the-refresh-token'), quoting('invalid_grant'), quoting('invalid_client'));
    await request();
    const { message } = await failure();
    expect(message).toContain('No: [redacted]');
  });
});

const tokenWith = (changes: object): ScriptedAnswer => ({
  body: { access_token: 'a-token', token_type: 'bearer', expires_in: 60, ...changes },
});

describe('A token response', () => {
  it.each<[string, ScriptedAnswer, number | undefined]>([
    ['with a number', tokenWith({}), 60],
    ['with a fraction', tokenWith({ expires_in: 59.5 }), 59.5],
    ['with a numeric text', tokenWith({ expires_in: ' 60 ' }), 60],
    ['with a fraction as text', tokenWith({ expires_in: '059.25' }), 59.25],
    ['with 0', tokenWith({ expires_in: 0 }), 0],
    ['without a lifetime', tokenWith({ expires_in: undefined }), undefined],
    ['with null for a lifetime', tokenWith({ expires_in: null }), undefined],
    ['with a lifetime beyond dates', tokenWith({ expires_in: 1e300 }), 100 * 365 * 24 * 3_600],
    ['with a type in capitals', tokenWith({ token_type: 'BEARER' }), 60],
    ['with an error that is null', tokenWith({ error: null }), 60],
    ['with a status that is not 200', { ...tokenWith({}), status: 299 }, 60],
    ['with a message beside it', tokenWith({ message: 'welcome', code: 'not_found' }), 60],
  ])('%s is one', async (_what, answer, expiresIn) => {
    endpoint.next.push(answer);
    expect(await request()).toEqual({ accessToken: 'a-token', expiresIn, refreshToken: undefined });
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['without a token', tokenWith({ access_token: undefined }), 'access_token is missing'],
    ['with a token that is no text', tokenWith({ access_token: 5 }), 'access_token is missing'],
    ['with an empty token', tokenWith({ access_token: '' }), 'access_token is missing'],
    ['with a space in the token', tokenWith({ access_token: 'a b' }), 'access_token is missing'],
    ['with a line end after the token', tokenWith({ access_token: 'a\n' }), 'access_token is missing'],
    ['with a space before the token', tokenWith({ access_token: ' a' }), 'access_token is missing'],
    ['with a letter that no header takes', tokenWith({ access_token: 'ä' }), 'access_token is missing'],
    ['of another type', tokenWith({ token_type: 'mac' }), 'token_type is not bearer'],
    ['without a type', tokenWith({ token_type: undefined }), 'token_type is not bearer'],
    ['with a negative lifetime', tokenWith({ expires_in: -1 }), 'expires_in is not a number'],
    ['with words for a lifetime', tokenWith({ expires_in: 'an hour' }), 'expires_in is not a number'],
    ['with words after the lifetime', tokenWith({ expires_in: '60 s' }), 'expires_in is not a number'],
    ['with words before the lifetime', tokenWith({ expires_in: 's 60' }), 'expires_in is not a number'],
    ['with a point and nothing after it', tokenWith({ expires_in: '60.' }), 'expires_in is not a number'],
    ['with an empty lifetime', tokenWith({ expires_in: '' }), 'expires_in is not a number'],
    ['that is HTML', { body: '<html>' }, 'not a JSON object'],
    ['that is empty', { body: '' }, 'not a JSON object'],
    ['that is a list', { body: [] }, 'access_token is missing'],
    ['that is null', { body: 'null' }, 'not a JSON object'],
    ['that is a text', { body: '"text"' }, 'not a JSON object'],
    ['with a code that is no word', { body: { code: 'Not A Word' } }, 'access_token is missing'],
  ])('%s is none', async (_what, answer, problem) => {
    const error = await failureAfter(answer);
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_RESPONSE_INVALID', status: 200, retryable: true });
    expect(error.message).toContain(problem);
  });

  it('of an adapter that gives no text is none', async () => {
    const config = configWith({
      adapter: (sent) =>
        Promise.resolve({ status: 200, statusText: '', headers: {}, data: { access_token: 'a' }, config: sent }),
    });
    expect(await failure(requestToken(config) as never)).toMatchObject({ code: 'QUIQUP_TOKEN_RESPONSE_INVALID' });
  });

  it('with an error in it is that error, and neither the token nor the refresh token is shown', async () => {
    const error = await failureAfter(
      tokenWith({ error: 'server_error', error_description: 'a-token and a-refresh', refresh_token: 'a-refresh' }),
    );
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', status: 200, oauthError: 'server_error' });
    expect(error.message).toContain('200 server_error: [redacted] and [redacted]');
  });

  it('with an empty token beside an error is that error', async () => {
    const error = await failureAfter({ body: { error: 'server_error', access_token: '', error_description: 'so' } });
    expect(error.message).toContain('(200 server_error: so)');
  });

  it("with one of Quiqup's codes in place of a token is that failure", async () => {
    expect(await failureAfter({ body: { code: 'unavailable' } })).toMatchObject({
      code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE',
      quiqupCode: 'unavailable',
    });
  });
});

const limitedUntil = (ms: number) => fails(429, '', { 'retry-after': new Date(clock.wallNow() + ms).toUTCString() });
const described = async (description: unknown, more: object = {}) =>
  (await failureAfter(fails(400, { error: 'invalid_request', error_description: description, ...more }))).message;
const messageFor = async (body: object) => (await failureAfter(fails(400, body))).message;
const requestBy = (clientId: string, clientSecret = 'a-client-secret') =>
  failure(requester.request({ clientId, clientSecret }, closing.signal));

/** The message for a refusal that says this to this client secret, and perhaps brings a token. */
async function saysTo(error_description: string, clientSecret: string, token?: string): Promise<string> {
  const clientId = 'client-7';
  endpoint.next.push(fails(400, { error: 'invalid_request', error_description, access_token: token }));
  return (await failure(requester.request({ clientId, clientSecret }, closing.signal))).message;
}

describe('A refusal', () => {
  it.each<[number, string]>([
    [301, NOT_FOUND],
    [300, NOT_FOUND],
    [399, NOT_FOUND],
    [400, WRONG],
    [401, REFUSED],
    [403, INVALID],
    [404, NOT_FOUND],
    [408, UNAVAILABLE],
    [429, LIMITED],
    [499, UNAVAILABLE],
    [498, INVALID],
    [500, UNAVAILABLE],
    [599, UNAVAILABLE],
    [100, INVALID],
  ])('with nothing but %d is %s', async (status, code) => {
    const error = await failureAfter(fails(status, '<html>'));
    expect(error).toMatchObject({ code, status, oauthError: undefined, quiqupCode: undefined });
    expect(error.message).toContain(`(${status})`);
  });

  it.each([...KNOWN_ERROR_CODES, ['never_heard_of', INVALID] as const])(
    'that says %s is the same in either shape',
    async (word, code) => {
      expect(await failureAfter(fails(403, { error: word }))).toMatchObject({ code, oauthError: word });
      expect(await failureAfter(fails(403, { code: word }))).toMatchObject({ code, quiqupCode: word });
      expect(await failureAfter(fails(503, { error: word }))).toMatchObject({ code: UNAVAILABLE, oauthError: word });
    },
  );

  it.each<[string, unknown, number | undefined]>([
    ['seconds', '30', 30_000],
    ['a fraction of a second', ' 0.5 ', 500],
    ['more than numbers hold', '9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['a negative number', '-5', undefined],
    ['words', 'in 2099', undefined],
    ['words with a time in it', 'at 12:00:00', undefined],
    ['seconds and words', '30 s', undefined],
    ['words and seconds', 's 30', undefined],
    ['a list', ['30'], undefined],
  ])('with Retry-After keeps it: %s', async (_what, value, retryAfterMs) => {
    const error = await failureAfter({ ...fails(429), headers: { 'retry-after': value as string } });
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  it('with a date for Retry-After keeps how long it is until then', async () => {
    expect((await failureAfter(limitedUntil(30 * S))).retryAfterMs).toBe(30 * S);
    expect((await failureAfter(limitedUntil(-30 * S))).retryAfterMs).toBe(0);
  });

  it('is told with what it says, scrubbed and shortened', async () => {
    expect(await described('so\n\u200bit\u2028is ')).toContain('(400 invalid_request: so it is)');
    expect(await described(' ')).toContain('(400 invalid_request)');
    expect(await described(5)).toContain('(400 invalid_request)');
    expect(await described('x '.repeat(100).trim())).toContain(`${'x '.repeat(99)}x)`);
    expect(await described('x '.repeat(110))).toContain(`${'x '.repeat(100)}…)`);
    expect(await described('one a-client-secret, two a-client-id')).toContain('one [redacted], two [redacted])');
    expect(await described(`run ${'x'.repeat(19)} and ${'x'.repeat(20)} and a+/=.~-a${'y'.repeat(12)}`)).toContain(
      `run ${'x'.repeat(19)} and [redacted] and [redacted])`,
    );
    expect(await described('a-cli\u0000ent-sec ret')).toContain(': [redacted])');
    expect(await described(undefined, { message: 'wrong' })).toContain(': wrong)');
    expect(await described('first', { message: 'wrong' })).toContain(': first)');
    expect(await described(undefined, { message: 5 })).toContain('(400 invalid_request)');
  });

  it('names up to three of the fields that Quiqup finds wrong', async () => {
    const fields = [1, 2, 3, 4].map((count) => ({ field: `f${count}`, message: 'is wrong' }));
    expect(await messageFor({ message: 'wrong', details: { fields } })).toContain(
      '(400: wrong; f1: is wrong; f2: is wrong; f3: is wrong)',
    );
    expect(await messageFor({ details: { fields: [null, { field: 'f' }, { message: 'm' }, fields[0]] } })).toContain(
      '(400)',
    );
    expect(await messageFor({ details: { fields: [{ field: 5, message: 'm' }, fields[0]] } })).toContain(
      '(400: f1: is wrong)',
    );
    expect(await messageFor({ details: 'text' })).toContain('(400)');
    expect(await messageFor({ details: { fields: 'text' } })).toContain('(400)');
    expect(await messageFor({ details: null })).toContain('(400)');
  });

  it.each<[string, unknown, string | undefined]>([
    ['a word', 'some_word', 'some_word'],
    ['a word of 64 letters', 'w'.repeat(64), 'w'.repeat(64)],
    ['a word of 65', 'w'.repeat(65), undefined],
    ['two words', 'two words', undefined],
    ['a word after something', '5some_word', undefined],
    ['a word before something', 'some_word5', undefined],
    ['no text', 5, undefined],
  ])('shows its code when that is a short word: %s', async (_what, code, shown) => {
    const error = await failureAfter(fails(400, { error: code, code }));
    expect([error.oauthError, error.quiqupCode]).toEqual([shown, shown]);
  });

  it('shows no code that is a secret or has one in it, unless it is a known one', async () => {
    const answer = fails(400, { error: 'invalid_client', code: 'my_client_x' });
    endpoint.next.push(answer, answer, answer);
    expect(await requestBy('client')).toMatchObject({ oauthError: 'invalid_client', quiqupCode: undefined });
    expect(await requestBy('other')).toMatchObject({ oauthError: 'invalid_client', quiqupCode: 'my_client_x' });
    expect(await requestBy('other', 'invalid_client')).toMatchObject({ oauthError: undefined });
  });

  it.each<[string, string, string]>([
    ['as JSON has it', 'se"cret\\one', 'x se\\"cret\\\\one y'],
    ['as a form has it', 'secret&one', 'x secret%26one y'],
    ['with a space of its own', 'secret one', 'x secret\none y'],
    ['with spaces put between', 'secretone', 'x s e c r e t o n e y'],
    ['with a space of its own put elsewhere', 'secret one', 'x secreto ne y'],
    ['with half a letter', 'secret\ud800one', 'x secret%EF%BF%BDone y'],
  ])('shows no secret, %s', async (_how, clientSecret, description) => {
    endpoint.next.push(fails(400, { error: 'invalid_request', error_description: description }));
    const { message } = await failure(requester.request({ clientId: 'client-7', clientSecret }, closing.signal));
    expect(message).toMatch(/: (x )?\[redacted\]( y)?\)/);
  });

  it.each([
    ['in lower-case percent', 'x se%2fcr%c3%a9t y'],
    ['in double percent', 'x se%252Fcr%25C3%25A9t y'],
    ['in percent through and through', 'x %73%65%2f%63%72%c3%a9%74 y'],
    ['with an escaped slash', String.raw`x se\/cr\u00e9t y`],
    ['in escapes', String.raw`x \u0073\x65\u{2f}cr\u00E9t y`],
    ['in HTML entities', 'x se&#47;cr&eacute;&#xe9;t, se&sol;cr&#xE9;t y'],
    ['in entities of entities', 'x se&amp;#x2f;cr&amp;amp;#233;t y'],
    ['split by zero-width characters', 'x s\u200be\u200d/c\ufeffr\u00e9t y'],
    ['split by visible ones', 'x s-e-/-c-r-\u00e9-t y'],
    ['in capitals', 'x SE/CR\u00c9T y'],
    ['composed in another way', 'x se/cre\u0301t y'],
    ['in too many layers to look through', `x se%${'25'.repeat(20)}2fcr y`],
  ])('shows nothing of a text that has the secret %s', async (_how, description) => {
    expect(await saysTo(description, 'se/cr\u00e9t')).toContain('(400 invalid_request: [redacted])');
  });

  it.each([0, 1, 2])('shows no secret in base64, %i bytes into it, nor in hex', async (before) => {
    const secret = 'Zq9-xy/17';
    const text = Buffer.from(`${'a'.repeat(before)}${secret}:b`)
      .toString('base64')
      .match(/.{1,5}/g)!
      .join(' ');
    expect(await saysTo(`x ${text} y`, secret)).toContain(': [redacted])');
    expect(await saysTo(`x ${Buffer.from(secret).toString('hex')} y`, secret)).toContain(': [redacted])');
  });

  it('shows nothing of a text with a part of a long secret', async () => {
    const secret = '0123456789abcdefghijklmnopqrstuvwxyz';
    expect(await saysTo('cut off: 2345 6789abcd', secret)).toContain('(400 invalid_request: [redacted])');
    expect(await saysTo('cut off: 2345 6789abc', secret)).toContain(': cut off: 2345 6789abc)');
  });

  it('shows nothing of a text beside a secret that is too short to be found, or too long', async () => {
    expect(await saysTo('it is old', 'old')).toContain('(400 invalid_request: [redacted])');
    expect(await saysTo('it is old', 'olden')).toContain(': it is old)');
    expect(await saysTo('it is old', 'a-secret', 'x')).toContain('(400 invalid_request: [redacted])');
    expect(await saysTo('it is old', 'a-secret', 'x'.repeat(8_193))).toContain('(400 invalid_request: [redacted])');
  });

  it('redacts the secrets of a text in one pass, however often a short one stands in it', async () => {
    expect(await saysTo('redact redact', 'redact')).toContain(': [redacted] [redacted])');
  });

  it.each([
    ['a token of one letter', 'e', 'e'.repeat(1_000)],
    ['a text of a mebibyte', 'a-token', 'a-token '.repeat(100_000)],
    ['a text of layers', 'a-token', `%${'25'.repeat(400_000)}`],
    ['a text of entities', 'a-token', '&amp;'.repeat(150_000)],
    ['a token of half a mebibyte', 'x'.repeat(500_000), 'x '.repeat(200_000)],
  ])('looks at no more of %s than it may show', async (_what, token, description) => {
    const startedAt = performance.now();
    const message = await saysTo(description, 'a-secret', token);
    expect(message.length).toBeLessThan(600);
    // Milliseconds, where looking at the whole took seconds.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('The events', () => {
  it('go to all who subscribe, and none of them disturbs another or the module', () => {
    const log = new RecordedLog();
    Logger.overrideLogger(log);
    const told = new AuthEvents<number>();
    const seen: unknown[] = [];
    told.events$.subscribe(() => {
      throw new Error('of a subscriber');
    });
    told.events$.subscribe((value) => seen.push(value));
    told.events$.subscribe({ next: (value) => seen.push(value * 10), complete: () => seen.push('complete') });
    told.events$.subscribe();
    told.events$.subscribe(
      () => undefined,
      null,
      () => seen.push('also complete'),
    );
    told.emit(1);
    told.complete();
    told.emit(2);
    expect(seen).toEqual([1, 10, 'complete', 'also complete']);
    expect(log.lines).toEqual([expect.stringContaining('A subscriber of events$ threw')]);
  });
});
