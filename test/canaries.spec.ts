import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AxiosRequestConfig } from 'axios';
import {
  QUIQUP_AUTH_CONFIG,
  QuiqupAuthModule,
  type QuiqupAuthModuleOptions,
  QuiqupAxiosInterceptor,
  QuiqupFetchService,
  QuiqupHealthIndicator,
  QuiqupHttpService,
  QuiqupTokenService,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { Readable } from 'node:stream';
import { Test } from '@nestjs/testing';
import {
  demandPassword,
  fill,
  kill,
  makeReadOnly,
  replaceByRubbish,
  stop,
  type RedisOutage,
} from './fleet/driver/redis-outages.js';
import { Canaries, QUOTING } from './support/canaries.js';
import { PrefixGateway } from './support/prefix-gateway.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { RedisServer } from './support/redis-server.js';
import { startScriptedApi } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';
import { TcpProxy } from './support/tcp-proxy.js';
import { TOKEN_ENDPOINT_FAULTS } from './support/token-endpoint-faults.js';

// With characters that each encoding writes in another way.
const CLIENT = {
  clientId: 'canary client-id/of+the="account"',
  clientSecret: 'canary client-secret\\of+the="account"/é',
};
const REDIS_PASSWORD = 'canary-of-redis/password';
const SEALING_KEY = 'canary-of-the-sealing-key-of-the-user';

const canaries = new Canaries();
canaries.add('the client id', CLIENT.clientId);
canaries.add('the client secret', CLIENT.clientSecret);
canaries.add("Redis' password", REDIS_PASSWORD);
canaries.add('the sealing key', SEALING_KEY);

let redis: RedisServer;
let redisWire: TcpProxy;
let simulator: QuiqupSimulator;
let quiqupWire: TcpProxy;
let api: ScriptedServer;
let written: string[];
let gateway: PrefixGateway;
let accounts = 0;
let learned = 0;

beforeAll(async () => {
  redis = await RedisServer.start();
  redisWire = await TcpProxy.start(redis.port);
  simulator = await new QuiqupSimulator({ clients: [CLIENT], refreshTokens: true }).start();
  gateway = await PrefixGateway.start(simulator.url, String.raw`/account-\d+`);
  quiqupWire = await TcpProxy.start(Number(new URL(gateway.url).port));
  api = await startScriptedApi();
});
afterAll(async () => {
  await api.stop();
  await quiqupWire.stop();
  await gateway.stop();
  await simulator.stop();
  await redisWire.stop();
  await redis.stop();
});
beforeEach(() => {
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** An application with its own account in Redis, because its base URL has its own path. */
function start(module: Partial<QuiqupAuthModuleOptions> = {}): Promise<QuiqupApp> {
  accounts += 1;
  canaries.forgetPassing();
  return QuiqupApp.start({
    simulator,
    module: {
      baseUrl: `http://127.0.0.1:${quiqupWire.port}/account-${accounts}/`,
      trustedOrigins: [api.url],
      cache: { redis: `redis://127.0.0.1:${redisWire.port}` },
      timeouts: { tokenRequest: 400, lock: 600, wait: 1_600, store: 300 },
      http: { timeout: 300, maxRedirects: 2 },
      refresh: { enabled: false },
      ...module,
    },
  });
}

/** The result or the error of the work. */
async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

/** Every token that the endpoint has answered is a canary. */
function learnTokens(): void {
  const answers = quiqupWire.takeAnswered();
  for (const [, field = '', token = ''] of answers.matchAll(/"(access|refresh)_token":"([^"]{16,})"/g)) {
    canaries.addPassing(`the ${field} token`, token);
    learned += 1;
  }
}

/**
 * Takes a path and searches everything that it leaves behind: its result, events, log, output, the bytes sent to
 * Redis, and the module's objects, printed.
 */
async function follow(path: string, quiqup: QuiqupApp, work: () => unknown): Promise<void> {
  const outcome = await outcomeOf(work);
  learnTokens();
  const objects = [
    QUIQUP_AUTH_CONFIG,
    QuiqupTokenService,
    QuiqupHttpService,
    QuiqupFetchService,
    QuiqupAxiosInterceptor,
    QuiqupHealthIndicator,
  ];
  canaries.search(path, {
    outcome,
    events: quiqup.events,
    log: quiqup.log.entries,
    output: written.join(''),
    'what was sent to Redis': redisWire.takeSent(),
    health: quiqup.app.get(QuiqupHealthIndicator).check(),
    services: objects.map((provider) => String(quiqup.app.get(provider))).join('\n'),
  });
}

/** With a fresh application each. */
async function followAlone(
  path: string,
  work: (quiqup: QuiqupApp) => unknown,
  module: Partial<QuiqupAuthModuleOptions> = {},
): Promise<void> {
  const quiqup = await start(module);
  try {
    await follow(path, quiqup, () => work(quiqup));
  } finally {
    await quiqup.app.close();
  }
  expect(canaries.hits).toEqual([]);
}

const call =
  (config: AxiosRequestConfig) =>
  ({ quiqup }: QuiqupApp): Promise<unknown> =>
    quiqup.axiosRef.request({ url: '/api/fulfilment/orders', ...config });

describe('No secret comes out', () => {
  it.each(TOKEN_ENDPOINT_FAULTS.map((fault) => [fault.name, fault] as const))(
    'when the token endpoint answers with: %s',
    async (name, fault) => {
      await followAlone(`token endpoint: ${name}`, async (quiqup) => {
        await quiqup.tokens.getAccessToken();
        fault.apply(simulator);
        const failure = await outcomeOf(() => quiqup.tokens.refresh().then(() => 'a token'));
        simulator.clockOffset = 0;
        return [failure, await call({ method: 'post', data: { an: 'order' } })(quiqup)];
      });
    },
  );

  const quoting = [CLIENT.clientSecret, CLIENT.clientId].flatMap((secret) => [
    secret,
    JSON.stringify({ client_secret: secret }),
    new URLSearchParams({ client_secret: secret }).toString(),
    Buffer.from(`id:${secret}`).toString('base64'),
    `the client ${secret} is unknown to us; ${'words '.repeat(60)}`,
  ]);
  it.each([400, 401, 429, 500])('when the token endpoint quotes the request (%i)', async (status) => {
    for (const [index, text] of quoting.entries()) {
      await followAlone(`quoted ${index}, ${status}`, (quiqup) => {
        simulator.failNext({
          on: 'token',
          status,
          body: { error: text, error_description: text },
          times: 3,
          retryAfter: 60,
        });
        return quiqup.tokens.getAccessToken().then(() => 'a token');
      });
      await followAlone(`quoted as text ${index}, ${status}`, (quiqup) => {
        simulator.failNext({ on: 'token', status, body: text, contentType: 'text/html', times: 3, retryAfter: 60 });
        return quiqup.tokens.getAccessToken().then(() => 'a token');
      });
    }
  });

  it.each(Object.entries(QUOTING))('when the token endpoint quotes the secret %s', async (how, quote) => {
    await followAlone(`quoted ${how}`, (quiqup) => {
      const [{ clientId, clientSecret }] = simulator.clients;
      const text = `said: ${quote(clientSecret)}, by ${quote(clientId)} as ${quote('a-token')}`;
      simulator.failNext({
        on: 'token',
        status: 400,
        body: { access_token: 'a-token', error: text, error_description: text, code: text, message: text },
        times: 3,
        retryAfter: 60,
      });
      return quiqup.tokens.getAccessToken().then(() => 'a token');
    });
  });

  it.each<[string, RedisOutage]>([
    ['is gone', kill],
    ['hangs', stop],
    ['is read-only', makeReadOnly],
    ['is out of memory', fill],
    ['asks for a password', demandPassword],
    ['is another server', replaceByRubbish],
  ])('when Redis %s', async (what, outage) => {
    const restore = await outage(redis);
    await followAlone(`Redis ${what}`, call({}));
    await restore();
  });

  it('when the password of Redis is wrong', async () => {
    const url = redis.url.replace('//', `//:${encodeURIComponent(REDIS_PASSWORD)}@`);
    await followAlone('password of Redis', call({}), { cache: { redis: url } });
  });

  it.each<[string, (app: QuiqupApp) => unknown]>([
    ['a call', call({})],
    ['a post', call({ method: 'post', data: { an: 'order' } })],
    ['a stream', call({ method: 'post', data: Readable.from(['an order']) })],
    ['a token with what is known of it', ({ tokens }) => tokens.getToken()],
    [
      'a revoked token',
      async (app) => {
        await call({})(app);
        simulator.revokeAll();
        return call({})(app);
      },
    ],
    [
      'a refused refresh token',
      async ({ tokens }) => {
        await tokens.getAccessToken();
        simulator.failNext({
          on: 'token',
          status: 400,
          body: { error: 'invalid_grant', error_description: 'no such token' },
        });
        await tokens.refresh();
      },
    ],
    [
      'an altered entry',
      async (app) => {
        await call({})(app);
        await Promise.all((await redis.keys()).map((key) => redis.command('SET', key, '{"value":"v1.AAAA"}')));
        await app.tokens.refresh();
      },
    ],
    ['an abort', ({ tokens }) => tokens.getAccessToken({ signal: AbortSignal.abort() })],
    [
      'an abort while it waits',
      ({ tokens }) => {
        simulator.stall(300, { on: 'token' });
        return tokens.getAccessToken({ signal: AbortSignal.timeout(50) });
      },
    ],
    [
      'no token in time',
      ({ tokens }) => {
        simulator.stall(Infinity, { on: 'token', times: 5 });
        return tokens.getAccessToken();
      },
    ],
    [
      'a shutdown meanwhile',
      async ({ app, tokens }) => {
        simulator.stall(300, { on: 'token' });
        const waiting = outcomeOf(() => tokens.getAccessToken());
        await app.close();
        return [await waiting, await outcomeOf(() => tokens.getAccessToken())];
      },
    ],
  ])('of %s', async (what, work) => {
    await followAlone(what, work);
  });

  it('of entries under a sealing key of the user', async () => {
    await followAlone('own sealing key', call({}), {
      cache: { redis: `redis://127.0.0.1:${redisWire.port}`, sealingKey: SEALING_KEY },
    });
  });

  it('of calls that fail for whatever reason', async () => {
    const quiqup = await start();
    const statuses = [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503].map(
      (status): [string, AxiosRequestConfig] => [`status ${status}`, { url: `${api.url}status/${status}` }],
    );
    const failures: [string, AxiosRequestConfig][] = [
      ...statuses,
      ['a 401 that is let through', { url: `${api.url}status/401`, validateStatus: null }],
      ['a 401 with a stream', { url: `${api.url}status/401`, method: 'post', data: Readable.from(['a']) }],
      ...[200, 401, 404, 503].flatMap((status): [string, AxiosRequestConfig][] => [
        [`a live body, ${status}`, { url: `${api.url}status/${status}`, responseType: 'stream' }],
        [
          `one without redirects, ${status}`,
          { url: `${api.url}status/${status}`, responseType: 'stream', maxRedirects: 0 },
        ],
        [`one by fetch, ${status}`, { url: `${api.url}status/${status}`, responseType: 'stream', adapter: 'fetch' }],
      ]),
      ['a reset', { url: `${api.url}reset` }],
      ['an answer that breaks off', { url: `${api.url}broken` }],
      ['no answer in time', { url: `${api.url}hang` }],
      ['an abort', { url: `${api.url}hang`, signal: AbortSignal.timeout(50) }],
      ['bad JSON', { url: `${api.url}bad-json`, responseType: 'json', transitional: { silentJSONParsing: false } }],
      ['a redirect without end', { url: `${api.url}loop` }],
      ['a redirect elsewhere', { url: `${api.url}redirect/307?to=http://127.0.0.1:1/` }],
      ['too much', { url: `${api.url}status/200`, maxContentLength: 1 }],
      ['nobody there', { url: 'http://127.0.0.1:1/' }],
      ['no such host', { url: 'https://nowhere.invalid/' }],
      ['an impossible URL', { url: 'https://:::' }],
    ];
    try {
      for (const [what, config] of failures) {
        await follow(`a call: ${what}`, quiqup, () => call(config)(quiqup));
      }
    } finally {
      await quiqup.app.close();
    }
    expect(canaries.hits).toEqual([]);
  });

  it('of calls of fetch, whatever they are answered', async () => {
    const quiqup = await start();
    const { fetch: send } = quiqup.app.get(QuiqupFetchService);
    const paths = [
      ...[200, 204, 400, 401, 403, 404, 429, 500, 503].map((status) => `status/${status}`),
      'reset',
      'broken',
      'loop',
      'redirect/307?to=http://127.0.0.1:1/',
      'redirect/302?to=http:',
    ];
    const calls: [string, () => Promise<unknown>][] = [
      ...paths.map((path): [string, () => Promise<unknown>] => [path, () => send(api.url + path)]),
      ...paths.map((path): [string, () => Promise<unknown>] => [
        `post ${path}`,
        () => send(api.url + path, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }),
      ]),
      ['a stream', () => send(`${api.url}status/401`, { method: 'POST', body: new Blob(['a']).stream() })],
      ['a Request', () => send(new Request(`${api.url}status/401`, { method: 'PUT', body: 'a' }))],
      ['no answer in time', () => send(`${api.url}hang`, { signal: AbortSignal.timeout(50) })],
      ['a redirect that is refused', () => send(`${api.url}redirect/307?to=/`, { redirect: 'error' })],
      ['the body', async () => (await send(`${api.url}broken`)).text()],
      ['nobody there', () => send('http://127.0.0.1:1/')],
      ['no such host', () => send('https://nowhere.invalid/')],
      ['an impossible URL', () => send('https://:::')],
    ];
    try {
      for (const [what, work] of calls) {
        await follow(`fetch: ${what}`, quiqup, work);
      }
    } finally {
      await quiqup.app.close();
    }
    expect(canaries.hits).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw Object.assign(new Error(CLIENT.clientSecret), CLIENT);
      },
    ],
    ['rejects', () => Promise.reject(Object.assign(new Error(CLIENT.clientSecret), { cause: CLIENT }))],
    ['rejects with what is no error', () => Promise.reject(CLIENT)],
    ['hangs', () => new Promise(() => undefined)],
    ['returns an object', () => CLIENT],
    ['returns nothing', () => ''],
  ])('when the function of a credential %s', async (what, clientSecret) => {
    await followAlone(`credential ${what}`, ({ tokens }) => tokens.getAccessToken(), {
      clientSecret: clientSecret as () => string,
    });
  });

  const secret = CLIENT.clientSecret;
  it.each<Record<string, unknown>>([
    { clientId: { secret } },
    { clientSecret: [secret] },
    { clientSecret: `${secret}\n` },
    { client_secret: secret },
    { environment: secret },
    { environment: 'staging', baseUrl: `https://${encodeURIComponent(secret)}@quiqup.example` },
    { baseUrl: `https://user:${encodeURIComponent(secret)}@quiqup.example` },
    { baseUrl: `https://quiqup.example/?secret=${encodeURIComponent(secret)}` },
    { baseUrl: secret },
    { trustedOrigins: secret },
    { trustedOrigins: [`https://user:${encodeURIComponent(secret)}@quiqup.example`] },
    { cache: secret },
    { cache: { redis: `http://:${encodeURIComponent(secret)}@redis.example` } },
    { cache: { redis: `redis://:${secret}@:::` } },
    { cache: { secret } },
    { cache: { store: { secret } } },
    { cache: { sealingKey: 'canary-of-the-sealing-key'.slice(0, 12) + secret.slice(0, 3) } },
    { cache: { sealingKey: [SEALING_KEY, { secret }] } },
    { http: secret },
    { http: { baseURL: secret } },
    { http: { auth: { username: 'user', password: secret } } },
    { http: { headers: { Authorization: `Bearer ${secret}` } } },
    { refresh: secret },
    { refresh: { ahead: secret } },
    { refresh: { enabled: secret } },
    { refresh: { [secret]: 1 } },
    { timeouts: { wait: secret } },
    { assumedLifetime: secret },
    { warmUp: secret },
  ])('of wrong options: %#', async (wrong) => {
    const options = { baseUrl: 'https://quiqup.example', ...CLIENT, ...wrong } as unknown as QuiqupAuthModuleOptions;
    const outcome = await outcomeOf(() =>
      Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot(options)] }).compile(),
    );
    expect(outcome).toMatchObject({ code: 'QUIQUP_CONFIG_INVALID' });
    canaries.search(`wrong options: ${canaries.paths}`, { outcome, output: written.join('') });
    expect(canaries.hits).toEqual([]);
  });
});

describe('The search', () => {
  it.each<[string, (token: string) => unknown]>([
    ['plain', (token) => token],
    ['in a sentence', (token) => `The token ${token} is bad`],
    ['deep in an error', (token) => new Error('outer', { cause: new Error('inner', { cause: { of: [token] } }) })],
    ['in a property that is not shown', (token) => Object.defineProperty({}, 'hidden', { value: token })],
    ['in a map', (token) => new Map([['a', new Map([[token, 1]])]])],
    ['in bytes', (token) => ({ bytes: Buffer.from(`... ${token}`) })],
    ['URL-encoded', (token) => new URLSearchParams({ token }).toString()],
    ['in JSON', (token) => JSON.stringify({ a: JSON.stringify({ token }) })],
    ['in base64', (token) => Buffer.from(`{"id":1,"token":"${token}"}`).toString('base64')],
    ['in base64url', (token) => Buffer.from(`Basic :${token}`).toString('base64url')],
  ])('finds a secret that was planted: %s', (_how, plant) => {
    const search = new Canaries();
    search.add('the secret', 'planted secret/with+"quotes"');
    search.search('here', { value: plant('planted secret/with+"quotes"') });
    expect(search.hits).toEqual(['here: the secret in value']);
  });

  it('went down many paths', () => {
    jest.restoreAllMocks();
    process.stderr.write(`canaries: ${canaries.paths} paths, ${canaries.bytes} bytes, ${canaries.hits.length} hits\n`);
    expect(canaries.paths).toBeGreaterThan(200);
    // Without a token, a path has nothing that could come out.
    expect(learned).toBeGreaterThan(200);
    expect(canaries.hits).toEqual([]);
  });
});
