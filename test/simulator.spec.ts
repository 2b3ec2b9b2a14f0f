import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosResponse } from 'axios';
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { QuiqupSimulator, type QuiqupSimulatorOptions } from 'nestjs-quiqup-auth/testing';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';

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
const tokenOf = async (fields?: object): Promise<string> => (await ask(fields)).data.access_token;
const bearer = (token: string): object => ({ headers: { Authorization: `Bearer ${token}` } });
const orders = (token: string): Promise<AxiosResponse> => http.get(`${simulator.url}orders`, bearer(token));
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
    const { status, data, headers } = await http.post<TokenAnswer>(`${simulator.url}any/prefix/oauth/token?a=b`, body);
    expect(status).toBe(200);
    expect(data).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      token_type: 'bearer',
      expires_in: 3_600,
      created_at: Math.floor(Date.now() / 1_000),
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(simulator.calls).toMatchObject([{ path: '/any/prefix/oauth/token', status: 200 }]);
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
    await http.post(`${simulator.url}orders`, { of: 'the second' }, bearer(second));
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
  ])('refuses %s with an empty 401 that says why', async (_name, config) => {
    await start();
    for (const path of ['orders', 'anything/else']) {
      const { status, data, headers } = await http.get(simulator.url + path, config);
      expect([status, data]).toEqual([401, '']);
      expect(headers['www-authenticate']).toBe(
        'Bearer realm="Quiqup", error="invalid_token", error_description="The access token is invalid"',
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

  it('echoes an order, to the byte, and lists it', async () => {
    await start();
    const token = await tokenOf();
    const config = bearer(token);
    const bytes = Buffer.from('{"to": "Dubai"}');
    const created = await http.post(`${simulator.url}v2/orders`, bytes, {
      headers: { Authorization: `bearer ${token}`, 'Content-Type': 'application/json' },
    });
    const order = {
      id: 1,
      received: { to: 'Dubai' },
      bytes: 15,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'application/json',
    };
    expect([created.status, created.data]).toEqual([201, order]);
    expect((await http.post(`${simulator.url}orders`, 'no JSON', config)).data).toMatchObject({
      id: 2,
      received: null,
      bytes: 7,
    });
    expect((await orders(token)).data).toMatchObject([order, { id: 2 }]);
    expect((await http.get(`${simulator.url}orders/1`, config)).status).toBe(404);
    expect((await http.delete(`${simulator.url}orders`, config)).status).toBe(404);
    expect(simulator.counters.orders).toBe(2);
  });
});

describe('The records', () => {
  it('count and list every request, without a secret or a token, until they are reset', async () => {
    await start({ refreshTokens: true });
    const { access_token: token, refresh_token } = (await ask()).data;
    await ask({ client_secret: 'a-wrong-secret' });
    await http.post(`${simulator.url}orders?x=1`, 'body', bearer(token));
    await http.get(`${simulator.url}orders`, bearer('a-strange-token'));
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
      'resource,POST,/orders?x=1,201,simulated-client,true,body',
      'resource,GET,/orders,401,,false,',
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
    simulator.failNext({ status: 429, times: 2, retryAfter: 7 });
    simulator.failNext({ status: 502, body: '<html>', contentType: 'text/html' });
    simulator.failNext({ status: 200, body: { error: 'server_error' } });
    const answers = [await ask(), await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 502, 200, 200]);
    expect(answers[0]).toMatchObject({ data: '', headers: { 'retry-after': '7' } });
    expect(answers[0]?.headers).not.toHaveProperty('content-type');
    expect(answers[2]).toMatchObject({ data: '<html>', headers: { 'content-type': 'text/html' } });
    expect(answers[3]).toMatchObject({ data: { error: 'server_error' } });
    expect(simulator.counters).toMatchObject({ tokenRequests: 5, tokensIssued: 1 });
  });

  it('leaves the work undone, and other requests alone', async () => {
    await start();
    const token = await tokenOf();
    simulator.failNext({ status: 503, on: 'resource', times: Infinity, retryAfter: 'Wed, 21 Oct 2099 07:28:00 GMT' });
    expect((await ask()).status).toBe(200);
    const refused = await http.post(`${simulator.url}orders`, {}, bearer(token));
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' } });
    expect(await statusWith(token)).toBe(503);
    expect(simulator.counters.orders).toBe(0);
    await simulator.stop();
    await simulator.start();
    expect(await statusWith(token)).toBe(200);
  });

  it.each([
    { status: 99 },
    { status: 600 },
    { status: 200.5 },
    { status: 500, times: 0 },
    { status: 500, times: 1.5 },
    { status: 500, retryAfter: 'a\nb' },
  ])('throws at once for %j', async (failure) => {
    await start();
    expect(() => simulator.failNext(failure)).toThrow();
    expect((await ask()).status).toBe(200);
  });
});

describe('stall', () => {
  it('holds the next answer back; its work is done', async () => {
    await start();
    simulator.stall(1_000);
    const answer = ask();
    await eventually(() => simulator.counters.tokensIssued === 1, 'the token was issued');
    expect((await ask()).status).toBe(200);
    expect(simulator.calls[0]?.status).toBe(0);
    await turnClock(1_000);
    expect((await answer).status).toBe(200);
  });

  it('of Infinity ends with the stop, as does every answer that is held back', async () => {
    await start();
    simulator.stall(Infinity, { times: 1 });
    simulator.stall(60_000, { on: 'resource' });
    const calls = [ask(), statusWith('none')].map((call) => expect(call).rejects.toMatchObject({ code: 'ECONNRESET' }));
    await eventually(() => simulator.calls.length === 2, 'both requests had arrived');
    await simulator.stop();
    await Promise.all(calls);
  });

  it.each([-1, NaN])('throws at once for %d', async (ms) => {
    await start();
    expect(() => simulator.stall(ms)).toThrow(RangeError);
  });
});

describe('Start and stop', () => {
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
