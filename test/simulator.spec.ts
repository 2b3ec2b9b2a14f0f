import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import axios, { type AxiosResponse } from 'axios';
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { QuiqupSimulator, type QuiqupSimulatorOptions } from 'nestjs-quiqup-auth/testing';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';
import { RawExchange } from './support/raw-exchange.js';

interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number;
  readonly created_at: number;
  readonly refresh_token?: string;
}

const CREDENTIALS = { client_id: 'simulated-client', client_secret: 'simulated-secret' };
/** Without keep-alive: a pooled connection does not know at once that its server has stopped. */
const http = axios.create({ validateStatus: null, httpAgent: new Agent({ keepAlive: false }) });

let simulator: QuiqupSimulator;
const start = async (options?: QuiqupSimulatorOptions): Promise<void> => {
  simulator = await new QuiqupSimulator(options).start();
};
const ask = (fields: object = {}): Promise<AxiosResponse<TokenAnswer>> =>
  http.post(`${simulator.url}oauth/token`, { grant_type: 'client_credentials', ...CREDENTIALS, ...fields });
const askRaw = (): RawExchange =>
  new RawExchange(`${simulator.url}oauth/token`, { grant_type: 'client_credentials', ...CREDENTIALS });
/** The chunks of one byte. */
const dripped = ({ body }: RawExchange): string => body.replaceAll(/^1\r\n(.)\r\n/gm, '$1');
const tokenOf = async (fields?: object): Promise<string> => (await ask(fields)).data.access_token;
const bearer = (token: string): object => ({ headers: { Authorization: `Bearer ${token}` } });
const orders = (token: string): Promise<AxiosResponse> =>
  http.get(`${simulator.url}api/fulfilment/orders`, bearer(token));
const reasonFor = async (token: string): Promise<unknown> => (await orders(token)).headers['www-authenticate'];
const statusWith = async (token: string): Promise<number> => (await orders(token)).status;

beforeEach(() => holdClock());
afterEach(async () => {
  releaseClock();
  await simulator.stop();
});

describe('The token endpoint', () => {
  it.each<[string, unknown, string]>([
    ['JSON', { grant_type: 'client_credentials', ...CREDENTIALS }, 'application/json'],
    [
      'a form',
      new URLSearchParams({ grant_type: 'client_credentials', ...CREDENTIALS }),
      'application/x-www-form-urlencoded',
    ],
  ])('takes %s and answers as documented', async (_name, body, contentType) => {
    await start();
    const { status, data, headers } = await http.post<TokenAnswer>(`${simulator.url}oauth/token?a=b`, body);
    expect(status).toBe(200);
    expect(data).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      token_type: 'bearer',
      expires_in: 3_600,
      created_at: Math.floor(Date.now() / 1_000),
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(simulator.calls).toMatchObject([{ api: 'platform', path: '/oauth/token', status: 200 }]);
    expect(simulator.calls[0]?.headers['content-type']).toContain(contentType);
  });

  it.each<[string, object, number, string]>([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['no secret', { client_secret: undefined }, 401, 'invalid_client'],
    ['an unknown client', { client_id: 'unknown' }, 401, 'invalid_client'],
    ['a client id that is no text', { client_id: ['simulated-client'] }, 401, 'invalid_client'],
    ['no grant type', { grant_type: undefined }, 400, 'invalid_request'],
    ['an empty grant type', { grant_type: '' }, 400, 'invalid_request'],
    ['an unknown grant type', { grant_type: 'password', client_secret: 'wrong' }, 400, 'unsupported_grant_type'],
    ['an unknown refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
    ['no refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_grant'],
    ['a body above 64 KiB', { padding: 'x'.repeat(65_536) }, 413, 'invalid_request'],
  ])('refuses %s as OAuth does', async (_name, fields, status, error) => {
    await start();
    const answer = await ask(fields);
    expect(answer.status).toBe(status);
    expect(answer.data).toEqual({ error, error_description: expect.any(String) });
    expect(answer.headers['www-authenticate']).toBe(`Bearer realm="Quiqup", error="${error}"`);
    expect(simulator.counters).toMatchObject({ tokenRequests: 1, tokensIssued: 0, calls: 0, unauthorized: 0 });
  });

  it.each([
    ['{"grant_type":', 'application/json'],
    ['null', 'application/json'],
    ['grant_type=client_credentials', 'text/plain'],
  ])('refuses %j as %s with 400', async (body, type) => {
    await start();
    const answer = await fetch(`${simulator.url}oauth/token`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': type },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
  });

  it.each([
    ['fresh', { isSame: false, isAlive: true, left: 60 }],
    ['revoke', { isSame: false, isAlive: false, left: 60 }],
    ['reuse', { isSame: true, isAlive: true, left: 49 }],
  ] as const)('asked again under %s', async (policy, { isSame, isAlive, left }) => {
    await start({ policy, lifetime: 60 });
    const first = (await ask()).data;
    await turnClock(10_700);
    const second = (await ask()).data;
    expect(second.access_token === first.access_token).toBe(isSame);
    expect(second.expires_in).toBe(left);
    expect(second.created_at).toBe(isSame ? first.created_at : Math.floor(Date.now() / 1_000));
    expect(simulator.isValid(first.access_token)).toBe(isAlive);
    expect(await statusWith(first.access_token)).toBe(isAlive ? 200 : 401);
    expect(await statusWith(second.access_token)).toBe(200);
    expect(simulator.counters).toMatchObject({ tokenRequests: 2, tokensIssued: isSame ? 1 : 2 });
    await turnClock(49_300);
    expect(await statusWith(first.access_token)).toBe(401);
    expect((await ask()).data.access_token).not.toBe(first.access_token);
  });

  it('follows a change of lifetime and policy at once', async () => {
    await start({ lifetime: Infinity });
    const { data: first } = await ask();
    expect(first).not.toHaveProperty('expires_in');
    simulator.lifetime = 0.4;
    expect((await ask()).data).toMatchObject({ expires_in: 0 });
    simulator.lifetime = 1.6;
    expect((await ask()).data).toMatchObject({ expires_in: 2 });
    simulator.policy = 'revoke';
    const last = await tokenOf();
    expect([simulator.isValid(first.access_token), simulator.isValid(last)]).toEqual([false, true]);
    await turnClock(1_600);
    expect(simulator.isValid(last)).toBe(false);
  });

  it('holds its answers back by the latency, and no other', async () => {
    await start({ latency: 300 });
    const answer = ask();
    await eventually(() => simulator.counters.tokensIssued === 1, 'the request had arrived');
    expect(await statusWith('none')).toBe(401);
    expect(simulator.calls[0]).toMatchObject({ kind: 'token', status: 0 });
    await turnClock(300);
    expect((await answer).status).toBe(200);
    simulator.latency = 0;
    expect((await ask()).status).toBe(200);
  });

  it('gives refresh tokens if told to, each good once and for its client alone', async () => {
    await start({
      refreshTokens: true,
      clients: [
        { clientId: 'a', clientSecret: 'A' },
        { clientId: 'b', clientSecret: 'B' },
      ],
    });
    const a = { client_id: 'a', client_secret: 'A' };
    const { refresh_token } = (await ask(a)).data;
    const renew = { grant_type: 'refresh_token', refresh_token };
    expect(refresh_token).toMatch(/^[0-9a-f]{64}$/);
    expect((await ask({ ...renew, client_id: 'b', client_secret: 'B' })).data).toMatchObject({
      error: 'invalid_grant',
    });
    const renewed = await ask({ ...a, ...renew });
    expect(renewed.data).toMatchObject({
      expires_in: 3_600,
      refresh_token: expect.not.stringMatching(refresh_token ?? ''),
    });
    expect((await ask({ ...a, ...renew })).data).toMatchObject({ error: 'invalid_grant' });
    simulator.revokeAll();
    const late = { grant_type: 'refresh_token', refresh_token: renewed.data.refresh_token };
    expect((await ask({ ...a, ...late })).data).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('The clients', () => {
  it('have tokens and orders of their own', async () => {
    await start({ policy: 'revoke' });
    simulator.addClient({ clientId: 'second', clientSecret: 'its-secret' });
    const first = await tokenOf();
    const second = await tokenOf({ client_id: 'second', client_secret: 'its-secret' });
    expect(await statusWith(first)).toBe(200);
    await http.post(`${simulator.url}api/fulfilment/orders`, { of: 'the second' }, bearer(second));
    expect((await orders(first)).data).toEqual([]);
    expect((await orders(second)).data).toHaveLength(1);
    expect(simulator.clients.map(({ clientId }) => clientId)).toEqual(['simulated-client', 'second']);
    expect(simulator.calls[1]?.clientId).toBe('second');
  });

  it('can rotate a secret: the old one is refused, tokens stay good', async () => {
    await start();
    const token = await tokenOf();
    simulator.setSecret('simulated-client', 'rotated');
    expect((await ask()).status).toBe(401);
    expect((await ask({ client_secret: 'rotated' })).status).toBe(200);
    expect(await statusWith(token)).toBe(200);
    expect(simulator.clients[0].clientSecret).toBe('rotated');
  });

  it('are checked: none, one twice, one unknown', async () => {
    await start();
    expect(() => new QuiqupSimulator({ clients: [] })).toThrow('at least one client');
    expect(() => simulator.addClient({ clientId: 'simulated-client', clientSecret: 'x' })).toThrow('Use setSecret');
    expect(() => simulator.setSecret('unknown', 'x')).toThrow("no client 'unknown'. Use addClient");
    const twice = { clientId: 'a', clientSecret: 'A' };
    expect(() => new QuiqupSimulator({ clients: [twice, twice] })).toThrow('Use setSecret');
  });
});

describe('The API', () => {
  it.each([
    ['no token', {}],
    ['an unknown token', bearer('unknown')],
    ['Basic', { headers: { Authorization: 'Basic abc' } }],
  ])('refuses %s with a 401 that says why', async (_name, config) => {
    await start();
    const onPlatform = await http.get(`${simulator.url}api/fulfilment/orders`, config);
    const onLastMile = await http.get(`${simulator.lastMileUrl}orders`, config);
    const message = 'The access token is invalid';
    expect([onPlatform.status, onPlatform.data]).toEqual([401, { code: 'unauthenticated', message, details: null }]);
    expect([onLastMile.status, onLastMile.data]).toEqual([401, '']);
    for (const { headers } of [onPlatform, onLastMile]) {
      expect(headers['www-authenticate']).toBe(
        `Bearer realm="Quiqup", error="invalid_token", error_description="${message}"`,
      );
    }
    expect(simulator.counters).toMatchObject({ calls: 2, unauthorized: 2 });
  });

  it('tells a token that expired from one that was revoked', async () => {
    await start({ lifetime: 10 });
    const expired = await tokenOf();
    await turnClock(10_000);
    const revoked = [await tokenOf(), await tokenOf()];
    expect(simulator.revokeAll()).toBe(2);
    expect(simulator.revokeAll()).toBe(0);
    expect(await reasonFor(expired)).toContain('The access token expired');
    expect(await reasonFor(revoked[0] ?? '')).toContain('The access token was revoked');
  });
});

describe('The records', () => {
  it('count and list every request, without a secret or a token, until they are reset', async () => {
    await start({ refreshTokens: true });
    const { access_token: token, refresh_token } = (await ask()).data;
    await ask({ client_secret: 'a-wrong-secret' });
    await http.post(`${simulator.url}api/fulfilment/orders?x=1`, 'body', bearer(token));
    await http.get(`${simulator.url}api/fulfilment/orders`, bearer('a-strange-token'));
    expect(simulator.counters).toEqual({ tokenRequests: 2, tokensIssued: 1, calls: 2, unauthorized: 1, orders: 1 });
    const fingerprint = createHash('sha256').update(token).digest('hex').slice(0, 8);
    const inShort = simulator.calls.map((call) =>
      [
        call.kind,
        call.method,
        call.path,
        call.status,
        call.clientId,
        call.token === fingerprint,
        call.body?.toString(),
      ].join(),
    );
    expect(inShort).toEqual([
      'token,POST,/oauth/token,200,simulated-client,true,',
      'token,POST,/oauth/token,401,simulated-client,false,',
      'resource,POST,/api/fulfilment/orders?x=1,201,simulated-client,true,body',
      'resource,GET,/api/fulfilment/orders,401,,false,',
    ]);
    for (const secret of [token, refresh_token, 'simulated-secret', 'a-wrong-secret', 'a-strange-token']) {
      expect(waysTo(String(secret), simulator.calls)).toEqual([]);
    }
    simulator.resetCounters();
    expect([simulator.calls, Object.values(simulator.counters)]).toEqual([[], [0, 0, 0, 0, 0]]);
    expect((await orders(token)).data).toHaveLength(1);
  });
});

describe('failNext', () => {
  it('answers the next token requests in place of the endpoint, in the order given', async () => {
    await start();
    simulator.failNext({ on: 'token', status: 429, times: 2, retryAfter: 7 });
    simulator.failNext({ on: 'token', status: 502, body: '<html>', contentType: 'text/html' });
    simulator.failNext({ on: 'token', status: 200, body: { error: 'server_error' } });
    const answers = [await ask(), await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 502, 200, 200]);
    expect(answers[0]).toMatchObject({ data: { error: 'temporarily_unavailable' }, headers: { 'retry-after': '7' } });
    expect(answers[2]).toMatchObject({ data: '<html>', headers: { 'content-type': 'text/html' } });
    expect(answers[3]).toMatchObject({ data: { error: 'server_error' } });
    expect(simulator.counters).toMatchObject({ tokenRequests: 5, tokensIssued: 1 });
  });

  it('leaves the work undone, and other requests alone', async () => {
    await start();
    const token = await tokenOf();
    simulator.failNext({ status: 503, on: 'resource', times: Infinity, retryAfter: 'Wed, 21 Oct 2099 07:28:00 GMT' });
    expect((await ask()).status).toBe(200);
    const refused = await http.post(`${simulator.url}api/fulfilment/orders`, {}, bearer(token));
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' } });
    expect(await statusWith(token)).toBe(503);
    expect(simulator.counters.orders).toBe(0);
    await simulator.stop();
    await simulator.start();
    expect(await statusWith(token)).toBe(200);
  });

  it('sends the headers that it is given over its own, and bytes as they are', async () => {
    await start();
    simulator.failNext({
      on: 'token',
      status: 307,
      body: Buffer.from([0xff, 0x00, 0x7b]),
      retryAfter: 1,
      headers: { Location: 'http://localhost:1/', 'retry-after': '2', Date: 'Thu, 01 Jan 1970 00:00:00 GMT' },
    });
    simulator.failNext({ on: 'token', status: 200, body: 'text', headers: { 'content-type': 'text/html' } });
    const first = askRaw();
    await first.ending;
    expect(first.head.split('\r\n')).toEqual([
      'HTTP/1.1 307 Temporary Redirect',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'retry-after: 2',
      'Location: http://localhost:1/',
      'Connection: close',
      'Content-Length: 3',
    ]);
    expect(first.body).toBe('\xff\x00{');
    expect((await ask()).headers['content-type']).toBe('text/html');
  });

  it.each([
    { status: 99 },
    { status: 600 },
    { status: 200.5 },
    { status: 500, times: 0 },
    { status: 500, times: 1.5 },
    { status: 500, retryAfter: 'a\nb' },
    { status: 500, contentType: 'a\nb' },
    { status: 500, headers: { 'a b': 'c' } },
    { status: 500, headers: { a: 'b\nc' } },
    { status: 500, on: 'call' as never },
    { status: 422, body: {}, message: 'of the default body' },
    { status: 422, body: {}, fields: [] },
  ])('throws at once for %j', async (failure) => {
    await start();
    expect(() => simulator.failNext(failure)).toThrow();
    expect((await ask()).status).toBe(200);
  });
});

describe('stall', () => {
  it('holds the next answer back; its work is done', async () => {
    await start();
    simulator.stall(1_000, { on: 'token' });
    const answer = ask();
    await eventually(() => simulator.counters.tokensIssued === 1, 'the token was issued');
    expect((await ask()).status).toBe(200);
    expect(simulator.calls[0]?.status).toBe(0);
    await turnClock(1_000);
    expect((await answer).status).toBe(200);
  });

  it.each([-1, NaN])('throws at once for %d', async (ms) => {
    await start();
    expect(() => simulator.stall(ms, { on: 'token' })).toThrow(RangeError);
  });
});

describe('alterNext', () => {
  it('changes the fields of real answers, whose work is done', async () => {
    await start();
    simulator.alterNext({
      on: 'token',
      times: 2,
      body: (fields) => ({ ...fields, expires_in: '60', token_type: undefined }),
    });
    for (const { status, data, headers } of [await ask(), await ask()]) {
      expect(status).toBe(200);
      expect(data).toEqual({ access_token: expect.any(String), expires_in: '60', created_at: expect.any(Number) });
      expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
      expect(await statusWith(data.access_token)).toBe(200);
    }
    expect((await ask()).data).toMatchObject({ expires_in: 3_600, token_type: 'bearer' });
    expect(simulator.counters.tokensIssued).toBe(3);
  });

  it('sends text and bytes as they are, under another status and other headers', async () => {
    await start();
    simulator.alterNext({ on: 'token', body: (fields) => JSON.stringify(fields).slice(0, 30) });
    simulator.alterNext({
      on: 'token',
      body: () => new Uint8Array([0xfe]),
      status: 201,
      headers: { 'content-type': 'text/html' },
    });
    simulator.alterNext({ on: 'token', headers: { 'Content-Length': '20' } });
    simulator.alterNext({ on: 'token', body: () => undefined });
    const raw = [askRaw(), askRaw(), askRaw(), askRaw()] as const;
    const [cut, bytes, short, empty] = raw;
    await Promise.all(raw.map(({ ending }) => ending));
    expect(cut.body).toMatch(/^\{"access_token":"[0-9a-f]{13}$/);
    expect(bytes.head).toMatch(/^HTTP\/1.1 201 Created\r\n(.*\r\n)*content-type: text\/html\r\n/);
    expect(bytes.body).toBe('\xfe');
    expect(short.head).toContain('\r\nContent-Length: 20');
    expect(empty.body).toBe('');
    expect(simulator.counters.tokensIssued).toBe(4);
  });

  it.each([
    ['with a length', {}, 'Content-Length: 1048'],
    ['in chunks', { 'Transfer-Encoding': 'chunked' }, 'Transfer-Encoding: chunked'],
  ])('sends what is larger than any token, %s', async (_name, headers, header) => {
    await start();
    simulator.alterNext({ on: 'token', headers, body: (fields) => ({ ...fields, padding: 'x'.repeat(2 ** 20) }) });
    const raw = askRaw();
    await raw.ending;
    expect(raw.head).toContain(header);
    expect(raw.head.match(/^(Content-Length|Transfer-Encoding):/gm)).toHaveLength(1);
    expect(raw.body.length).toBeGreaterThan(2 ** 20);
  });

  it('leaves alone what it is not told to change, and has no fields of an empty answer', async () => {
    await start();
    simulator.alterNext({ on: 'resource', times: 2, status: 403, body: (fields) => fields });
    const { status, data, headers } = await http.get(`${simulator.lastMileUrl}orders`, bearer('unknown'));
    expect([status, data]).toEqual([403, {}]);
    expect(headers['www-authenticate']).toContain('invalid_token');
    expect((await ask()).status).toBe(200);
    expect(simulator.counters).toMatchObject({ calls: 1, unauthorized: 0 });
  });

  it('answers what its function throws', async () => {
    await start();
    simulator.alterNext({
      on: 'token',
      body: () => {
        throw new Error('my mistake');
      },
    });
    const { status, data } = await ask();
    expect([status, data]).toEqual([500, 'The body function of alterNext failed: Error: my mistake']);
  });

  it.each([{ status: 99 }, { status: NaN }, { times: 0 }, { headers: { 'a b': 'c' } }, { headers: { a: 'b\nc' } }])(
    'throws at once for %j',
    async (alteration) => {
      await start();
      expect(() => simulator.alterNext(alteration)).toThrow();
      expect((await ask()).status).toBe(200);
    },
  );
});

describe('drip', () => {
  it('sends the answer byte by byte; its work is done', async () => {
    await start();
    simulator.failNext({ on: 'token', status: 503 });
    simulator.drip(1_000, { on: 'token' });
    await ask();
    const raw = askRaw();
    await eventually(() => dripped(raw) === '{', 'the first byte had come');
    expect(raw.head).toContain('HTTP/1.1 200 OK');
    expect(simulator.counters.tokensIssued).toBe(1);
    await turnClock(999);
    expect((await ask()).status).toBe(200);
    expect(dripped(raw)).toBe('{');
    await turnClock(1);
    await eventually(() => dripped(raw) === '{"', 'the second byte had come');
    await turnClock(300_000);
    await raw.ending;
    const fields = JSON.parse(dripped(raw).replace('0\r\n\r\n', '')) as TokenAnswer;
    expect(simulator.isValid(fields.access_token)).toBe(true);
  });

  it('stops with its client', async () => {
    await start();
    simulator.drip(1_000, { on: 'token' });
    const controller = new AbortController();
    const answer = fetch(`${simulator.url}oauth/token`, { method: 'POST', signal: controller.signal });
    await (await answer).body?.getReader().read();
    controller.abort();
    // By then the server has seen that the connection is gone.
    await ask();
    await turnClock(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([-1, 0, NaN])('throws at once for %d', async (ms) => {
    await start();
    expect(() => simulator.drip(ms, { on: 'token' })).toThrow(RangeError);
    expect(() => simulator.drip(1, { on: 'token', times: 0 })).toThrow(RangeError);
    expect((await ask()).status).toBe(200);
  });
});

describe('drop', () => {
  it.each([undefined, {}, { at: 'before-answer' }] as const)(
    'of %j ends the connection without an answer; the work is done',
    async (drop) => {
      await start();
      simulator.drop(drop);
      const raw = askRaw();
      await raw.ending;
      expect(raw.received).toBe('');
      expect(simulator.calls).toMatchObject([{ status: 0, token: expect.any(String) }]);
      expect(simulator.counters.tokensIssued).toBe(1);
      expect((await ask()).status).toBe(200);
    },
  );

  it('within the answer sends half of it', async () => {
    await start();
    simulator.drop({ on: 'token', at: 'within-answer' });
    const raw = askRaw();
    await raw.ending;
    const length = Number(/\r\nContent-Length: (\d+)/.exec(raw.head)?.[1]);
    expect(raw.body).toMatch(/^\{"access_token":"[0-9a-f]+$/);
    expect(raw.body).toHaveLength(Math.floor(length / 2));
    expect(simulator.calls).toMatchObject([{ status: 200 }]);
    expect(simulator.counters.tokensIssued).toBe(1);
  });

  it('leaves even an empty answer incomplete', async () => {
    await start();
    simulator.drop({ at: 'within-answer', on: 'resource' });
    const raw = new RawExchange(`${simulator.lastMileUrl}orders`, {});
    await raw.ending;
    expect([raw.body, raw.head]).toEqual(['', expect.stringContaining('Content-Length: 1\r\n')]);
  });

  it('comes after the latency, and an order that it loses is made', async () => {
    await start({ latency: 300 });
    simulator.drop({ on: 'token', times: 2 });
    const raw = askRaw();
    await eventually(() => simulator.counters.tokensIssued === 1, 'the token was issued');
    await turnClock(299);
    expect(await statusWith('none')).toBe(401);
    let hasEnded = false;
    void raw.ending.then(() => (hasEnded = true));
    await setImmediate();
    expect(hasEnded).toBe(false);
    await turnClock(1);
    await raw.ending;
    simulator.latency = 0;
    await askRaw().ending;
    const token = await tokenOf();
    simulator.drop({ on: 'resource' });
    await expect(http.post(`${simulator.url}api/fulfilment/orders`, {}, bearer(token))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect((await orders(token)).data).toHaveLength(1);
  });

  it.each([{ times: 0 }, { at: 'after-answer' as never }])('throws at once for %j', async (drop) => {
    await start();
    expect(() => simulator.drop(drop)).toThrow(RangeError);
    expect((await ask()).status).toBe(200);
  });
});

describe('A wall clock that is wrong', () => {
  it.each([-86_400, 7_200.5])('by %d s shows in created_at and Date, and in no life', async (clockOffset) => {
    await start({ clockOffset, lifetime: 60, policy: 'reuse' });
    const { data, headers } = await ask();
    const shown = Date.now() + clockOffset * 1_000;
    expect(data).toMatchObject({ created_at: Math.floor(shown / 1_000), expires_in: 60 });
    expect(headers['date']).toBe(new Date(shown).toUTCString());
    simulator.clockOffset = 0;
    await turnClock(10_000);
    const again = await ask();
    expect(again.data).toEqual({ ...data, expires_in: 50 });
    expect(again.headers['date']).toBe(new Date().toUTCString());
    await turnClock(49_999);
    expect(simulator.isValid(data.access_token)).toBe(true);
    await turnClock(1);
    expect(simulator.isValid(data.access_token)).toBe(false);
  });
});

describe('Start and stop', () => {
  it.each<[string, () => void]>([
    ['latency', () => (simulator.latency = 60_000)],
    ['a stall', () => simulator.stall(60_000, { on: 'token' })],
    ['a stall without end', () => simulator.stall(Infinity, { on: 'token' })],
    ['a drip', () => simulator.drip(60_000, { on: 'token' })],
    ['a drip without end', () => simulator.drip(Infinity, { on: 'token' })],
    ['a drop that waits', () => [(simulator.latency = 60_000), simulator.drop({ on: 'token' })]],
    [
      'a length that is never reached',
      () => simulator.alterNext({ on: 'token', headers: { 'Content-Length': '999' } }),
    ],
  ])('end %s, and forget the faults to come', async (_name, apply) => {
    await start();
    apply();
    simulator.failNext({ on: 'token', status: 503, times: Infinity });
    simulator.alterNext({ on: 'token', status: 503 });
    simulator.stall(60_000, { on: 'resource' });
    const held = [askRaw(), new RawExchange(`${simulator.url}api/fulfilment/orders`, {})];
    await eventually(() => simulator.calls.length === 2, 'both requests had arrived');
    await simulator.stop();
    await Promise.all(held.map(({ ending }) => ending));
    expect(jest.getTimerCount()).toBe(0);
    simulator.latency = 0;
    await simulator.start();
    expect((await ask()).status).toBe(200);
    expect(await statusWith('none')).toBe(401);
  });

  it('may come twice, and again on the same port; tokens stay', async () => {
    simulator = new QuiqupSimulator();
    expect(() => simulator.url).toThrow('await simulator.start() first');
    await simulator.stop();
    expect(await Promise.all([simulator.start(), simulator.start()])).toEqual([simulator, simulator]);
    const { url } = simulator;
    await simulator.start();
    expect(simulator.url).toBe(url);
    const token = await tokenOf();
    await Promise.all([simulator.stop(), simulator.stop()]);
    await expect(orders(token)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(simulator.url).toBe(url);
    await simulator.start();
    expect(simulator.url).toBe(url);
    expect(await statusWith(token)).toBe(200);
  });

  it('says so when the port is taken, and can be tried again', async () => {
    await start();
    const late = new QuiqupSimulator({ port: Number(new URL(simulator.url).port) });
    await expect(late.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await simulator.stop();
    await late.start();
    expect(late.url).toBe(simulator.url);
    await late.stop();
  });
});
