import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import axios, {
  AxiosError,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type CancelTokenSource,
} from 'axios';
import axiosLowest from 'axios-lowest';
import type { Readable } from 'node:stream';
import { firstValueFrom } from 'rxjs';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { startScriptedApi, tokensSeenBy } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';

/** The simulator issues them so. */
const TOKEN = /^[0-9a-f]{64}$/;

let quiqup: QuiqupApp;
/** A host of Quiqup with answers that the simulator does not give. */
let api: ScriptedServer;

beforeEach(async () => {
  api = await startScriptedApi();
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [api.url] } });
});
afterEach(async () => {
  releaseClock();
  await quiqup.stop();
  await api.stop();
});

const CLIENTS: [string, () => AxiosInstance][] = [
  ['QuiqupHttpService', () => quiqup.quiqup.axiosRef],
  [
    'an axios instance of the application',
    () => {
      const instance = axios.create({ baseURL: quiqup.simulator.url });
      quiqup.interceptor.attach(instance);
      return instance;
    },
  ],
];

function watchInterceptors(client: AxiosInstance, seen: string[], name: string): void {
  const note = (what: string, value: unknown): void => {
    const leaks = [...tokensSeenBy(api), quiqup.tokens.peek() ?? 'none'].some(
      (token) => waysTo(token, value).length > 0,
    );
    seen.push(`${name} ${what} ${leaks ? 'with' : 'without'}`);
  };
  client.interceptors.request.use((config) => {
    note(config.headers.has('Authorization') ? 'authorized request' : 'request', config);
    return config;
  });
  client.interceptors.response.use(
    (response) => {
      note(`response ${response.status}`, response);
      return response;
    },
    (error: AxiosError) => {
      note(`error ${error.status}`, error);
      throw error;
    },
  );
}

interface Outcome {
  readonly name: string;
  readonly path: string;
  readonly config?: () => AxiosRequestConfig;
  /** Runs once the server has the call. */
  readonly meanwhile?: () => void | Promise<void>;
  /** How it fails; it succeeds without. */
  readonly error?: Record<string, unknown>;
  readonly answer?: Record<string, unknown>;
}

function answered(status: number): Pick<Outcome, 'path' | 'answer'> {
  return { path: `status/${status}`, answer: { status, data: { path: `/status/${status}` } } };
}

let controller: AbortController;
let source: CancelTokenSource;
beforeEach(() => {
  controller = new AbortController();
  source = axios.CancelToken.source();
});

const BAD_REQUEST = { code: 'ERR_BAD_REQUEST' };
const BAD_RESPONSE = { code: 'ERR_BAD_RESPONSE' };
const OUTCOMES: Outcome[] = [
  { name: 'a success', ...answered(200) },
  {
    name: 'a body of bytes',
    path: 'status/200',
    config: () => ({ responseType: 'arraybuffer' }),
    answer: { status: 200, data: Buffer.from('{"path":"/status/200"}') },
  },
  { name: 'a 401 that persists', ...answered(401), error: BAD_REQUEST },
  { name: 'a 401 that validateStatus lets through', ...answered(401), config: () => ({ validateStatus: null }) },
  { name: 'a 403', ...answered(403), error: BAD_REQUEST },
  { name: 'a 404', ...answered(404), error: BAD_REQUEST },
  { name: 'a 500', ...answered(500), error: BAD_RESPONSE },
  { name: 'a reset connection', path: 'reset', error: { code: 'ECONNRESET' } },
  { name: 'an answer that breaks off', path: 'broken', error: BAD_RESPONSE, answer: { status: 200 } },
  { name: 'a redirect loop', path: 'loop', error: { code: 'ERR_FR_TOO_MANY_REDIRECTS' } },
  {
    name: 'a redirect not followed',
    path: 'loop',
    config: () => ({ maxRedirects: 0 }),
    error: BAD_RESPONSE,
    answer: { status: 302 },
  },
  { name: 'too long an answer', path: 'status/200', config: () => ({ maxContentLength: 3 }), error: BAD_RESPONSE },
  {
    name: 'an answer that is no JSON',
    path: 'bad-json',
    config: () => ({ responseType: 'json', transitional: { silentJSONParsing: false } }),
    error: { name: 'SyntaxError', ...BAD_RESPONSE },
    answer: { status: 200 },
  },
  {
    name: 'a timeout',
    path: 'hang',
    config: () => ({ timeout: 5_000 }),
    meanwhile: () => turnClock(5_000),
    error: { code: 'ECONNABORTED' },
  },
  {
    name: 'an abort',
    path: 'hang',
    config: () => ({ signal: controller.signal }),
    meanwhile: () => controller.abort(),
    error: { code: 'ERR_CANCELED' },
  },
  {
    name: 'a cancel token',
    path: 'hang',
    config: () => ({ cancelToken: source.token }),
    meanwhile: () => source.cancel('no longer needed'),
    error: { code: 'ERR_CANCELED', message: 'no longer needed' },
  },
  { name: 'a success through fetch', ...answered(200), config: () => ({ adapter: 'fetch' }) },
  { name: 'a 401 through fetch', ...answered(401), config: () => ({ adapter: 'fetch' }), error: BAD_REQUEST },
  { name: 'a lost connection', path: 'reset', config: () => ({ adapter: 'fetch' }), error: { code: 'ERR_NETWORK' } },
];

describe.each(CLIENTS)('A call of %s', (_client, clientOf) => {
  it.each(OUTCOMES)(
    'that ends with $name has shown its token to the server alone',
    async ({ path, config, meanwhile, error, answer }) => {
      const client = clientOf();
      const options: AxiosRequestConfig = config?.() ?? {};
      await quiqup.tokens.getAccessToken();
      holdClock();
      const call = client.put(api.url + path, { an: 'order' }, options).catch((reason: unknown) => reason);
      await eventually(() => api.received.length > 0, 'the server had the call');
      await meanwhile?.();
      const outcome = (await call) as AxiosResponse | AxiosError;

      for (const token of [...tokensSeenBy(api), quiqup.tokens.peek() ?? 'none']) {
        expect(token).toMatch(TOKEN);
        expect(waysTo(token, outcome)).toEqual([]);
      }
      expect(outcome instanceof AxiosError).toBe(error !== undefined);
      expect(outcome).toMatchObject(error === undefined ? {} : { isAxiosError: true, ...error });
      const response = outcome instanceof AxiosError ? outcome.response : outcome;
      expect(response).toEqual(answer === undefined ? undefined : expect.objectContaining(answer));
      // A cancel token has one error for all that it cancels, of no call in particular.
      if (options.cancelToken === undefined) {
        const adapter = options.adapter ?? client.defaults.adapter;
        expect(outcome.config).toMatchObject({ url: api.url + path, method: 'put', adapter });
        expect(outcome.config).not.toHaveProperty('beforeRedirect');
      }
    },
  );
});

describe.each(CLIENTS)('With %s', (_client, clientOf) => {
  it('a refused connection shows the token to nobody', async () => {
    const client = clientOf();
    const url = `${api.url}status/200`;
    await quiqup.tokens.getAccessToken();
    await api.stop();
    try {
      const failure: unknown = await client.get(url).catch((reason: unknown) => reason);
      expect(failure).toMatchObject({ isAxiosError: true, code: 'ECONNREFUSED', config: { url, method: 'get' } });
      expect(waysTo(quiqup.tokens.peek() as string, failure)).toEqual([]);
    } finally {
      api = await startScriptedApi();
    }
  });

  it("a call's replay is unknown to the other interceptors, and the header too", async () => {
    const seen: string[] = [];
    const client = clientOf();
    watchInterceptors(client, seen, 'later');
    await client.get('/api/fulfilment/orders');
    expect(seen.splice(0)).toEqual(['later request without', 'later response 200 without']);
    quiqup.simulator.revokeAll();
    await client.get('/api/fulfilment/orders');
    expect(seen.splice(0)).toEqual(['later request without', 'later response 200 without']);
    expect(quiqup.simulator.counters).toMatchObject({ calls: 3, unauthorized: 1 });
    await client.get(`${api.url}status/401`).catch(() => undefined);
    expect(seen).toEqual(['later request without', 'later error 401 without']);
    expect(api.received).toHaveLength(2);
  });

  it('what repeats a failed call by its config sends the token of that moment', async () => {
    const client = clientOf();
    const configs: unknown[] = [];
    client.interceptors.response.use(undefined, async (error: AxiosError) => {
      configs.push(error.config);
      await quiqup.tokens.refresh();
      // As axios-retry does.
      if (configs.length < 3) {
        return client.request(error.config as AxiosRequestConfig);
      }
      throw error;
    });
    const data = { an: 'order' };
    await expect(client.post(`${api.url}status/503`, data)).rejects.toMatchObject({ status: 503 });
    expect(new Set(tokensSeenBy(api)).size).toBe(3);
    expect(new Set(api.received.map(({ body }) => body))).toEqual(new Set([JSON.stringify(data)]));
    for (const config of configs) {
      expect(config).toMatchObject({ adapter: client.defaults.adapter });
      expect((config as AxiosRequestConfig).headers).not.toHaveProperty('Authorization');
    }
  });
});

describe('Interceptors that were there before attach', () => {
  it.each([['asynchronous', {}] as const, ['synchronous', { synchronous: true }] as const])(
    'run once and without the token (%s)',
    async (_name, options) => {
      const seen: string[] = [];
      const client = axios.create({ baseURL: quiqup.simulator.url });
      client.interceptors.request.use(
        (config) => {
          seen.push('configured');
          config.headers['X-Trace'] = 'abc';
          return config;
        },
        null,
        options,
      );
      watchInterceptors(client, seen, 'earlier');
      quiqup.interceptor.attach(client);
      await quiqup.tokens.getAccessToken();
      quiqup.simulator.revokeAll();
      const response = await client.get('/api/fulfilment/orders');
      // axios runs the request interceptors backwards.
      expect(seen).toEqual(['earlier request without', 'configured', 'earlier response 200 without']);
      expect(response.config.headers['X-Trace']).toBe('abc');
      expect(quiqup.simulator.calls.filter(({ kind }) => kind === 'resource')).toMatchObject([
        { status: 401, headers: { 'x-trace': 'abc' } },
        { status: 200, headers: { 'x-trace': 'abc' } },
      ]);
    },
  );
});

describe("A call with the caller's own authorization", () => {
  const OWN = 'Basic b3duOm93bg==';

  it.each<{ from: string; config?: AxiosRequestConfig; prepare?: (client: AxiosInstance) => void }>([
    { from: 'a header', config: { headers: { Authorization: OWN } } },
    { from: 'a header in lower case', config: { headers: { authorization: OWN } } },
    { from: 'a header in upper case', config: { headers: { AUTHORIZATION: OWN } } },
    { from: 'AxiosHeaders', config: { headers: new AxiosHeaders({ authorization: OWN }) } },
    { from: 'config.auth', config: { auth: { username: 'own', password: 'own' } } },
    { from: 'defaults.auth', prepare: ({ defaults }) => (defaults.auth = { username: 'own', password: 'own' }) },
    { from: 'the common headers', prepare: ({ defaults }) => (defaults.headers.common['authorization'] = OWN) },
    { from: "the method's headers", prepare: ({ defaults }) => (defaults.headers.post['AUTHORIZATION'] = OWN) },
    {
      from: 'an interceptor',
      prepare: ({ interceptors }) => {
        interceptors.request.use((config) => {
          config.headers['authorization'] = OWN;
          return config;
        });
      },
    },
  ])('from $from is sent as it is, and so comes its 401', async ({ config, prepare }) => {
    const application = axios.create();
    prepare?.(application);
    quiqup.interceptor.attach(application);
    const service = quiqup.quiqup.axiosRef;
    prepare?.(service);
    for (const client of [application, service]) {
      const failure: unknown = await client.post(`${api.url}status/401`, {}, config).catch((reason: unknown) => reason);
      expect(failure).toMatchObject({ isAxiosError: true, status: 401 });
      expect(api.received.splice(0).map(({ headers }) => headers.authorization)).toEqual([OWN]);
    }
    expect(quiqup.tokenRequests).toBe(0);
  });

  it.each(['Authorization', 'authorization'])(
    'of null or false (%s) goes without any, and is not replayed',
    async (name) => {
      for (const value of [null, false]) {
        const failure: unknown = await quiqup.quiqup.axiosRef
          .get(`${api.url}status/401`, { headers: { [name]: value } })
          .catch((reason: unknown) => reason);
        expect(failure).toMatchObject({ status: 401 });
      }
      expect(tokensSeenBy(api)).toEqual(['none', 'none']);
      expect(quiqup.tokenRequests).toBe(0);
    },
  );

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'of undefined (%s) has none of its own, and gets the token, each time that it is sent',
    async (name) => {
      const client = quiqup.quiqup.axiosRef;
      const failure: unknown = await client
        .get(`${api.url}status/503`, { headers: { [name]: undefined as unknown as string } })
        .catch((reason: unknown) => reason);
      const token = quiqup.tokens.peek() as string;
      expect(waysTo(token, failure)).toEqual([]);
      const next = await quiqup.tokens.refresh();
      await expect(client.request((failure as AxiosError).config as AxiosRequestConfig)).rejects.toThrow();
      expect(tokensSeenBy(api)).toEqual([token, next]);
    },
  );
});

describe('A body that is read as a stream', () => {
  it.each<[string, string, AxiosRequestConfig]>([
    ['too long', 'status/200', { maxContentLength: 3 }],
    ['aborted while it is read', 'slow', {}],
  ])('and is %s has an error that shows no token', async (_name, path, config) => {
    const abort = new AbortController();
    const { data } = await quiqup.quiqup.axiosRef.get<Readable>(api.url + path, {
      ...config,
      responseType: 'stream',
      signal: abort.signal,
    });
    const reading = data.toArray().catch((reason: unknown) => reason);
    if (path === 'slow') {
      abort.abort();
    }
    const failure = await reading;
    expect(failure).toBeInstanceOf(Error);
    expect(waysTo(quiqup.tokens.peek() as string, failure)).toEqual([]);
  });
});

describe('An adapter of the application', () => {
  it('that answers with a copy of the config hands no token on', async () => {
    const response = await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders', {
      adapter: (config) => {
        const copy = { ...config, headers: new AxiosHeaders(config.headers) };
        return Promise.resolve({ status: 200, statusText: 'OK', headers: {}, data: [], config: copy });
      },
    });
    // Its own closure aside, which is none of the answer's.
    const { adapter: _adapter, ...config } = response.config;
    expect(waysTo(quiqup.tokens.peek() as string, { ...response, config })).toEqual([]);
  });
});

/** The simulator's calls: their statuses, and whether they had a token. */
function callsOf(): string[] {
  const calls = quiqup.simulator.calls.filter(({ kind }) => kind === 'resource');
  return calls.map(({ status, token }) => `${status} ${token === undefined ? 'without' : 'with'}`);
}

describe('attach', () => {
  let client: AxiosInstance;
  beforeEach(() => {
    client = axios.create({ baseURL: quiqup.simulator.url });
  });
  it('done again, by others say, changes nothing until all have detached', async () => {
    const detachers = [client, client, new HttpService(client)].map((target) => quiqup.interceptor.attach(target));
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.revokeAll();
    await client.get('/api/fulfilment/orders');
    expect(callsOf()).toEqual(['401 with', '200 with']);
    await client.get(`${api.url}status/401`).catch(() => undefined);
    expect(tokensSeenBy(api)).toEqual([expect.stringMatching(TOKEN), expect.stringMatching(TOKEN)]);
    const [first, ...others] = detachers;
    first?.();
    first?.();
    first?.();
    await client.get('/api/fulfilment/orders');
    others.forEach((detach) => detach());
    await expect(client.get('/api/fulfilment/orders')).rejects.toMatchObject({ status: 401 });
    expect(callsOf()).toEqual(['401 with', '200 with', '200 with', '401 without']);
  });

  it('is undone by what it returns, as often as one likes, and can be done anew', async () => {
    const detach = quiqup.interceptor.attach(client);
    await client.get('/api/fulfilment/orders');
    detach();
    await expect(client.get('/api/fulfilment/orders')).rejects.toMatchObject({ status: 401 });
    const detachAnew = quiqup.interceptor.attach(client);
    // An earlier detach has nothing to do with the later attach.
    detach();
    await client.get('/api/fulfilment/orders');
    detachAnew();
    await expect(client.get('/api/fulfilment/orders')).rejects.toMatchObject({ status: 401 });
    expect(callsOf()).toEqual(['200 with', '401 without', '200 with', '401 without']);
  });

  it.each<[string, () => void]>([
    ['cleared', () => client.interceptors.request.clear()],
    ['replaced by none', () => Object.assign(client.interceptors.request, { handlers: [] })],
    ['replaced', () => (client.interceptors.request = axios.create().interceptors.request)],
  ])('works anew after the interceptors were %s, whoever detaches that attached before', async (_how, clear) => {
    const formerly = quiqup.interceptor.attach(client);
    await client.get('/api/fulfilment/orders');
    clear();
    await expect(client.get('/api/fulfilment/orders')).rejects.toMatchObject({ status: 401 });
    const detach = quiqup.interceptor.attach(client);
    formerly();
    await client.get('/api/fulfilment/orders');
    detach();
    await expect(client.get('/api/fulfilment/orders')).rejects.toMatchObject({ status: 401 });
    expect(callsOf()).toEqual(['200 with', '401 without', '200 with', '401 without']);
  });

  it.each([axios.create, axiosLowest.create])('undone after a clear ejects nobody else', async (create) => {
    const other = create({ baseURL: quiqup.simulator.url }) as AxiosInstance;
    const detach = quiqup.interceptor.attach(other);
    other.interceptors.request.clear();
    let isAsked = false;
    other.interceptors.request.use((config) => {
      isAsked = true;
      return config;
    });
    detach();
    await expect(other.get('/api/fulfilment/orders')).rejects.toMatchObject({ status: 401 });
    expect(isAsked).toBe(true);
  });

  it('leaves the token to a call that was under way when it was undone', async () => {
    quiqup.simulator.stall(20, { on: 'token' });
    const detach = quiqup.interceptor.attach(client);
    const call = client.get('/api/fulfilment/orders');
    await eventually(() => quiqup.tokenRequests === 1, 'the call waited for a token');
    detach();
    expect(await call).toMatchObject({ status: 200 });
  });

  it('serves the observables of an HttpService, and an unsubscribe ends one wait alone', async () => {
    const http = new HttpService(client);
    quiqup.interceptor.attach(http);
    quiqup.simulator.stall(20, { on: 'token' });
    const answers: string[] = [];
    const note = (what: string): void => void answers.push(what);
    const gone = http.get('/gone').subscribe({ next: () => note('next'), error: () => note('error') });
    const stays = firstValueFrom(http.get('/api/fulfilment/orders'));
    await eventually(() => quiqup.tokenRequests === 1, 'both calls waited for a token');
    gone.unsubscribe();
    expect(await stays).toMatchObject({ status: 200, data: [] });
    expect(quiqup.simulator.calls.map(({ path }) => path)).toEqual(['/oauth/token', '/api/fulfilment/orders']);
    expect(answers).toEqual([]);
    quiqup.simulator.revokeAll();
    expect(await firstValueFrom(http.post('/api/fulfilment/orders', { an: 'order' }))).toMatchObject({ status: 201 });
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('is one per account: another account on the same instance is never mixed up with it', async () => {
    const other = await QuiqupApp.start();
    try {
      quiqup.interceptor.attach(client);
      other.interceptor.attach(client);
      await client.get('/api/fulfilment/orders');
      await client.get(`${other.simulator.url}api/fulfilment/orders`);
      expect([quiqup.simulator.counters.unauthorized, other.simulator.counters.unauthorized]).toEqual([0, 0]);
      expect([quiqup.tokenRequests, other.tokenRequests]).toEqual([1, 1]);
    } finally {
      await other.stop();
    }
  });
});
