import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import {
  getQuiqupProviderToken,
  QuiqupAccounts,
  QuiqupAuthModule,
  QuiqupConfigError,
  QuiqupCredentialsRefusedError,
  QuiqupFetchService,
} from 'nestjs-quiqup-auth';
import { QuiqupAuthTestingModule } from 'nestjs-quiqup-auth/testing';
import { Readable } from 'node:stream';
import { waysTo } from '../support/find-secret.js';
import { PrefixGateway } from '../support/prefix-gateway.js';
import { QuiqupApp } from '../support/quiqup-app.js';
import { RecordedLog } from '../support/recorded-log.js';
import { startScriptedApi, tokensSeenBy } from '../support/scripted-api.js';
import type { ScriptedServer } from '../support/scripted-server.js';

const ORDERS = '/api/fulfilment/orders';
const JSON_TYPE = { 'Content-Type': 'application/json' };

let quiqup: QuiqupApp;
let api: ScriptedServer;
/** The trusted origin: the API by another name than its address. */
let trusted: string;
/** The same server by a name that is not. */
let foreign: string;

beforeEach(async () => {
  api = await startScriptedApi();
  trusted = `http://localhost:${api.port}`;
  foreign = `http://127.0.0.1:${api.port}`;
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [trusted] } });
});
afterEach(async () => {
  await quiqup.stop();
  await api.stop();
});

const service = (): QuiqupFetchService => quiqup.app.get(QuiqupFetchService);
const losses = (): unknown[] => quiqup.events.filter(({ type }) => type === 'not-recovered' || type === 'recovered');

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('QuiqupFetchService', () => {
  it('calls both APIs by relative URLs, and is passed on like any fetch', async () => {
    const { fetch: passedOn } = service();
    expect((await passedOn(ORDERS)).status).toBe(200);
    expect((await passedOn(ORDERS.slice(1))).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(1);
    const { lastMileUrl } = quiqup.simulator;
    const both = await QuiqupApp.start({ simulator: quiqup.simulator, module: { lastMileUrl } });
    const { fetch: lastMile } = both.app.get(QuiqupFetchService).lastMile;
    const found = await lastMile('/orders/1?a=b');
    expect([found.status, found.url]).toEqual([404, `${lastMileUrl}orders/1?a=b`]);
    await both.app.close();
  });

  it('keeps the path prefix of the base URL', async () => {
    const gateway = await PrefixGateway.start(quiqup.simulator.url, '/below/this');
    const prefixed = await QuiqupApp.start({ simulator: quiqup.simulator, module: { baseUrl: gateway.url } });
    const { fetch: below } = prefixed.app.get(QuiqupFetchService);
    expect((await below(`${ORDERS}?page=1`)).status).toBe(200);
    expect(gateway.passed).toContain(`200 /below/this${ORDERS}?page=1`);
    await prefixed.app.close();
    await gateway.stop();
  });

  it('takes a Request, and changes neither it nor the headers that it is given', async () => {
    const headers = new Headers({ 'X-Own': 'yes' });
    const request = new Request(`${trusted}/status/200`, { headers, method: 'PUT', body: 'a body' });
    expect((await service().fetch(request)).status).toBe(200);
    expect((await service().fetch(`${trusted}/status/200`, { headers })).status).toBe(200);
    const token = quiqup.tokens.peek() ?? '';
    expect(tokensSeenBy(api)).toEqual([token, token]);
    expect(api.received.map(({ method, body, headers: sent }) => [method, body, sent['x-own']])).toEqual([
      ['PUT', 'a body', 'yes'],
      ['GET', '', 'yes'],
    ]);
    expect([request.headers.has('authorization'), headers.has('authorization')]).toEqual([false, false]);
  });

  it('lets init go before the Request', async () => {
    const request = new Request(`${trusted}/status/200`, { method: 'PUT', body: 'of the request' });
    await service().fetch(request, { method: 'POST', body: 'of init', headers: { 'X-Of': 'init' } });
    expect(api.received[0]).toMatchObject({ method: 'POST', body: 'of init', headers: { 'x-of': 'init' } });
  });

  it("leaves a caller's own authorization, and other origins, alone", async () => {
    await service().fetch(`${trusted}/status/200`, { headers: { authorization: 'Bearer own' } });
    await service().fetch(`${foreign}/status/200`);
    await service().fetch(`//127.0.0.1:${api.port}/status/200`);
    await service().fetch(`/\\127.0.0.1:${api.port}/status/200`);
    expect(tokensSeenBy(api)).toEqual(['own', 'none', 'none', 'none']);
    expect(quiqup.tokenRequests).toBe(0);
  });

  it('is there for a named account, and for one of a database', async () => {
    const { url, clients } = quiqup.simulator;
    const [{ clientId, clientSecret }] = clients;
    const named = await Test.createTestingModule({
      imports: [
        QuiqupAuthModule.forRoot({ baseUrl: url, clientId, clientSecret, name: 'dubai' }),
        QuiqupAuthModule.forAccounts({ baseUrl: url, resolveCredentials: () => ({ clientId, clientSecret }) }),
      ],
    })
      .setLogger(new RecordedLog())
      .compile();
    const dubai = named.get<QuiqupFetchService>(getQuiqupProviderToken(QuiqupFetchService, 'dubai'));
    expect((await dubai.fetch(ORDERS)).status).toBe(200);
    const account = await named.get(QuiqupAccounts).get('a-merchant');
    const { fetch: own, lastMileFetch } = account;
    expect((await own(ORDERS)).status).toBe(200);
    expect((await lastMileFetch('/status')).status).not.toBe(401);
    await named.close();
  });

  it('says that the mock environment has no last mile', async () => {
    const mock = await QuiqupApp.start({
      module: { baseUrl: undefined, environment: 'mock', refresh: { enabled: false } },
    });
    expect(() => mock.app.get(QuiqupFetchService).lastMile).toThrow(QuiqupConfigError);
    await mock.stop();
  });

  it('takes a fetch and a dispatcher from the options', async () => {
    const dispatchers: unknown[] = [];
    const own: typeof fetch = (input, init) => {
      dispatchers.push((init as { dispatcher?: unknown }).dispatcher);
      const { dispatcher: _, ...others } = init as RequestInit & { dispatcher?: unknown };
      return fetch(input, others);
    };
    const dispatcher = { isADispatcher: true };
    const http = { env: { fetch: own }, fetchOptions: { dispatcher } } as object;
    const app = await QuiqupApp.start({ simulator: quiqup.simulator, module: { http } });
    expect((await app.app.get(QuiqupFetchService).fetch(ORDERS)).status).toBe(200);
    expect(dispatchers).toEqual([expect.objectContaining(dispatcher)]);
    await app.app.close();
  });

  it('is answered offline by the testing module', async () => {
    const seen: unknown[] = [];
    const testing = await Test.createTestingModule({
      imports: [
        QuiqupAuthTestingModule.forRoot({
          answer: ({ method, url, data, headers }) => {
            seen.push([method, url, data, headers.get('authorization')]);
            return method === 'POST' ? { status: 201, data: { id: 42 } } : { status: 404, data: 'none' };
          },
        }),
      ],
    }).compile();
    const { fetch: offline } = testing.get(QuiqupFetchService);
    const created = await offline(ORDERS, { method: 'POST', headers: JSON_TYPE, body: '{"a":1}' });
    expect([created.status, created.ok, await created.json()]).toEqual([201, true, { id: 42 }]);
    const missing = await offline('/x');
    expect([missing.status, await missing.text()]).toEqual([404, 'none']);
    expect(seen).toEqual([
      ['POST', `https://platform-api.staging.quiqup.com${ORDERS}`, { a: 1 }, 'Bearer testing-access-token'],
      ['GET', 'https://platform-api.staging.quiqup.com/x', undefined, 'Bearer testing-access-token'],
    ]);
    await testing.close();
  });
});

describe('A 401 of fetch', () => {
  it.each<[string, () => NonNullable<RequestInit['body']>]>([
    ['text', () => '{"a":1}'],
    ['bytes', () => new TextEncoder().encode('{"a":1}')],
    ['a Blob', () => new Blob(['{"a":1}'])],
    ['URLSearchParams', () => new URLSearchParams({ a: '1' })],
  ])('is recovered once, with the same bytes: %s', async (_, body) => {
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.revokeAll();
    const answer = await service().fetch(ORDERS, { method: 'POST', headers: JSON_TYPE, body: body() });
    expect(answer.status).not.toBe(401);
    expect(quiqup.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['rejected', 'acquired', 'recovered']),
    );
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('reaches the caller with its body when it comes again', async () => {
    const answer = await service().fetch(`${trusted}/status/401`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ path: '/status/401' });
    expect(api.received).toHaveLength(2);
    expect(new Set(tokensSeenBy(api)).size).toBe(2);
  });

  it.each<[string, () => [string | Request, RequestInit & { duplex?: 'half' }]]>([
    ['a stream', () => [ORDERS, { method: 'POST', body: new Blob(['{}']).stream(), duplex: 'half' }]],
    ['a stream of Node', () => [ORDERS, { method: 'POST', body: Readable.from(['{}']), duplex: 'half' }]],
    [
      'the body of a Request',
      () => [new Request(`${quiqup.simulator.url}api/fulfilment/orders`, { method: 'POST', body: '{}' }), {}],
    ],
  ])('never sends %s again', async (_, call) => {
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.revokeAll();
    const { calls } = quiqup.simulator.counters;
    const answer = await service().fetch(...call());
    expect(answer.status).toBe(401);
    expect(quiqup.simulator.counters.calls).toBe(calls + 1);
    expect(losses()).toEqual([expect.objectContaining({ type: 'not-recovered' })]);
    expect((await service().fetch(ORDERS)).status).toBe(200);
  });
});

/** A path of the trusted server that answers with a redirect. */
function redirect(to: string, status = 307): string {
  return `${trusted}/redirect/${status}?to=${encodeURIComponent(to)}`;
}

describe('A redirect of fetch', () => {
  it.each([
    ['another path', () => '/status/200', true],
    ['another trusted origin', () => `${quiqup.simulator.url}api/fulfilment/orders`, true],
    ['an origin that is not trusted', () => `${foreign}/status/200`, false],
    ['one whose 401 means nothing', () => `${foreign}/status/401`, false],
  ])('to %s', async (_, to, keepsToken) => {
    const answer = await service().fetch(redirect(to()));
    expect(answer.redirected).toBe(true);
    expect(answer.url).toBe(new URL(to(), trusted).href);
    expect(answer.status).toBe(to().endsWith('/401') ? 401 : 200);
    const token = quiqup.tokens.peek();
    expect(tokensSeenBy(api).slice(0, 2)).toEqual(
      api.received.length === 1 ? [token] : [token, keepsToken ? token : 'none'],
    );
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('takes the token not along again when it comes back', async () => {
    const back = `${foreign}/redirect/302?to=${encodeURIComponent(`${trusted}/status/200`)}`;
    await service().fetch(redirect(back));
    expect(tokensSeenBy(api)).toEqual([quiqup.tokens.peek(), 'none', 'none']);
  });

  it("takes the caller's own authorization and cookies to the same origin alone", async () => {
    const headers = { Authorization: 'Bearer own', Cookie: 'a=b', 'X-Other': 'c' };
    await service().fetch(redirect('/status/200'), { headers });
    await service().fetch(redirect(`${foreign}/status/200`), { headers });
    expect(api.received.map(({ headers: sent }) => [sent.authorization, sent.cookie, sent['x-other']])).toEqual([
      ['Bearer own', 'a=b', 'c'],
      ['Bearer own', 'a=b', 'c'],
      ['Bearer own', 'a=b', 'c'],
      [undefined, undefined, 'c'],
    ]);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'PUT', 'PUT', 'a body'],
    [307, 'POST', 'POST', 'a body'],
    [308, 'DELETE', 'DELETE', 'a body'],
  ])('%i of %s becomes %s, as the standard has it', async (status, method, next, body) => {
    const sent = method === 'HEAD' ? {} : { body: 'a body', headers: { 'Content-Type': 'text/plain' } };
    await service().fetch(redirect('/status/200', status), { method, ...sent });
    const [, followed] = api.received;
    expect([followed?.method, followed?.body]).toEqual([next, body]);
    expect(followed?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('is left to the caller, or refused, as it asks', async () => {
    const manual = await service().fetch(redirect('/status/200'), { redirect: 'manual' });
    expect([manual.status, manual.redirected]).toEqual([307, false]);
    expect(await failureOf(service().fetch(redirect('/status/200'), { redirect: 'error' }))).toMatchObject({
      name: 'TypeError',
    });
    expect(api.received).toHaveLength(2);
  });

  it('ends after twenty, and does not leave HTTP', async () => {
    const failure = await failureOf(service().fetch(`${trusted}/loop`));
    expect(failure).toMatchObject({ name: 'TypeError', cause: { message: 'there were more than 20 redirects' } });
    expect(api.received).toHaveLength(21);
    expect(await failureOf(service().fetch(redirect('file:///etc/passwd')))).toMatchObject({ name: 'TypeError' });
    const once = { method: 'POST', body: new Blob(['a']).stream(), duplex: 'half' } as RequestInit;
    expect(await failureOf(service().fetch(redirect('/status/200'), once))).toMatchObject({ name: 'TypeError' });
  });
});

describe('A failure of fetch', () => {
  it('is a typed error when there is no token', async () => {
    const refused = await QuiqupApp.start({ simulator: quiqup.simulator, module: { clientSecret: 'not-the-secret' } });
    const failure = await failureOf(refused.app.get(QuiqupFetchService).fetch(ORDERS));
    expect(failure).toBeInstanceOf(QuiqupCredentialsRefusedError);
    expect(waysTo('not-the-secret', failure)).toEqual([]);
    await refused.app.close();
  });

  it("is the signal's reason at once, in every wait", async () => {
    quiqup.simulator.stall(60_000, { on: 'token' });
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = failureOf(service().fetch(ORDERS, { signal: controller.signal }));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await failureOf(service().fetch(ORDERS, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const request = new Request(`${trusted}/hang`, { signal: AbortSignal.abort() });
    expect(await failureOf(service().fetch(request))).toMatchObject({ name: 'AbortError' });
  });

  it('of the network shows no token', async () => {
    const token = await quiqup.tokens.getAccessToken();
    const failure = await failureOf(service().fetch(`${trusted}/reset`));
    expect(failure).toMatchObject({ name: 'TypeError' });
    expect(waysTo(token, failure)).toEqual([]);
  });

  it('of a body that breaks while it waits for a token ends the call', async () => {
    quiqup.simulator.stall(60_000, { on: 'token' });
    const { readable, writable } = new TransformStream();
    const waiting = failureOf(service().fetch(ORDERS, { method: 'POST', body: readable, duplex: 'half' }));
    await writable.abort(new Error('no more'));
    expect(await waiting).toMatchObject({ name: 'TypeError', cause: { message: 'no more' } });
  });

  it('leads to no token, nor does a response, whatever way it is printed', async () => {
    const token = await quiqup.tokens.getAccessToken();
    const answer = await service().fetch(ORDERS);
    expect(waysTo(token, answer)).toEqual([]);
    expect(waysTo(token, service())).toEqual([]);
    expect(waysTo(token, await service().fetch(`${trusted}/status/401`))).toEqual([]);
  });
});
