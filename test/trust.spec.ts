import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
} from 'axios';
import { QuiqupCredentialsRefusedError } from 'nestjs-quiqup-auth';
import { PrefixGateway } from './support/prefix-gateway.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { startScriptedApi, tokensSeenBy } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';

/** Trusted, and out of reach. */
const GATEWAY = 'https://gateway.quiqup.example';
const SECRET = 'simulated-secret';

let quiqup: QuiqupApp;
/** Trusted, though on a port of its own. */
let trusted: ScriptedServer;
/** On the same machine, and none of Quiqup's. */
let foreign: ScriptedServer;
let token: string;

beforeEach(async () => {
  [trusted, foreign] = await Promise.all([startScriptedApi(), startScriptedApi()]);
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [trusted.url, GATEWAY] } });
  token = await quiqup.tokens.getAccessToken();
});
afterEach(async () => {
  await quiqup.stop();
  await trusted.stop();
  await foreign.stop();
});

function attached(config: AxiosRequestConfig = {}): AxiosInstance {
  const instance = axios.create(config);
  quiqup.interceptor.attach(instance);
  return instance;
}

/** Stands in for the network: where a call would have gone, and with what. */
function recorder(): { adapter: AxiosAdapter; sent: { href: string; authorization: unknown }[] } {
  const sent: { href: string; authorization: unknown }[] = [];
  const adapter: AxiosAdapter = (config) => {
    const uri = axios.getUri(config);
    const href = URL.canParse(uri) ? new URL(uri).href : uri;
    sent.push({ href, authorization: config.headers.get('Authorization') });
    return Promise.resolve({ status: 200, statusText: 'OK', headers: {}, data: undefined, config });
  };
  return { adapter, sent };
}

/** `{base}`, `{port}`, `{foreign}` and `{foreignPort}` are replaced once the servers run. */
function filled(text: string): string {
  const values: Record<string, string | number> = {
    base: quiqup.simulator.url.slice(0, -1),
    port: new URL(quiqup.simulator.url).port,
    trusted: trusted.url.slice(0, -1),
    foreign: foreign.url.slice(0, -1),
    foreignPort: foreign.port,
  };
  return text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(values[name]));
}

async function sentTo(url: string | undefined, config: AxiosRequestConfig, client: AxiosInstance): Promise<unknown> {
  const { adapter, sent } = recorder();
  await client.request({ ...config, ...(url !== undefined && { url: filled(url) }), adapter });
  return sent[0];
}

describe('A call gets the token', () => {
  it.each<[string | undefined, string, AxiosRequestConfig?]>([
    ['/orders', '{base}/orders'],
    ['orders', '{base}/orders'],
    ['', '{base}/'],
    [undefined, '{base}/'],
    ['/orders?a=1#b', '{base}/orders?a=1#b'],
    ['/..//elsewhere.example/', '{base}//elsewhere.example/'],
    ['/\\elsewhere.example/', '{base}//elsewhere.example/'],
    ['{base}/orders', '{base}/orders'],
    ['HTTP://127.0.0.1:{port}/orders', '{base}/orders'],
    ['http://127.1:{port}/orders', '{base}/orders'],
    ['http://0x7f000001:{port}/orders', '{base}/orders'],
    ['{trusted}/orders', '{trusted}/orders'],
    ['/orders', '{trusted}/orders', { baseURL: '{trusted}' }],
    [`${GATEWAY}/orders`, `${GATEWAY}/orders`],
    ['HTTPS://Gateway.QUIQUP.example:443/orders', `${GATEWAY}/orders`],
    // What axios makes a path is a path.
    ['http://elsewhere.example/', '{base}/http://elsewhere.example/', { allowAbsoluteUrls: false }],
    ['//elsewhere.example/', '{base}/elsewhere.example/', { allowAbsoluteUrls: false }],
    ['\thttp://elsewhere.example/', '{base}/http://elsewhere.example/'],
    ['javascript:alert(1)', '{base}/javascript:alert(1)'],
  ])('at %j', async (url, href, { baseURL, ...config } = {}) => {
    const options = { ...config, ...(baseURL !== undefined && { baseURL: filled(baseURL) }) };
    const expected = { href: filled(href), authorization: `Bearer ${token}` };
    expect(await sentTo(url, options, quiqup.quiqup.axiosRef)).toEqual(expected);
    expect(await sentTo(url, options, attached({ baseURL: quiqup.simulator.url }))).toEqual(expected);
  });

  it('under the path prefix of baseUrl', async () => {
    const { simulator } = quiqup;
    const gateway = await PrefixGateway.start(simulator.url, '/_mock/auth');
    const prefixed = await QuiqupApp.start({ simulator, module: { baseUrl: gateway.url } });
    try {
      await prefixed.quiqup.axiosRef.get('/api/fulfilment/orders');
      await prefixed.quiqup.axiosRef.get('api/fulfilment/orders');
      expect(gateway.passed).toEqual([
        '200 /_mock/auth/oauth/token',
        '200 /_mock/auth/api/fulfilment/orders',
        '200 /_mock/auth/api/fulfilment/orders',
      ]);
    } finally {
      await prefixed.app.close();
      await gateway.stop();
    }
  });
});

describe('A call gets no token', () => {
  it.each<[string, AxiosRequestConfig?]>([
    ['{foreign}/orders'],
    ['//elsewhere.example/orders'],
    ['//127.0.0.1:{port}/orders'],
    ['http://localhost:{port}/orders'],
    ['http://127.0.0.2:{port}/orders'],
    ['http://[::1]:{port}/orders'],
    ['http://[::ffff:127.0.0.1]:{port}/orders'],
    ['https://127.0.0.1:{port}/orders'],
    ['http://127.0.0.1/orders'],
    ['http://elsewhere.example/orders'],
    ['http://127.0.0.1:{port}@elsewhere.example/orders'],
    ['http://elsewhere.example\\@127.0.0.1:{port}/orders'],
    ['http://else\twhere.example\n/orders'],
    ['http://127.0.0.1.elsewhere.example:{port}/orders'],
    ['http://own:authorization@127.0.0.1:{port}/orders'],
    ['http://own@127.0.0.1:{port}/orders'],
    ['http://gateway.quiqup.example/orders'],
    ['http://gateway.quiqup.example:443/orders'],
    ['https://gateway.quiqup.example:8443/orders'],
    ['https://gateway.quiqup.example./orders'],
    ['https://gateway.quiqup.example.elsewhere.example/orders'],
    ['https://api.gateway.quiqup.example/orders'],
    ['https://quiqup.example/orders'],
    ['https://gateway.quiqup.example@elsewhere.example/'],
    ['https://elsewhere.example/?https://gateway.quiqup.example/'],
    ['https://elsewhere.example#@gateway.quiqup.example/'],
    ['ftp://127.0.0.1:{port}/orders'],
    ['/orders', { baseURL: '{foreign}' }],
    ['/orders', { baseURL: 'http://elsewhere.example' }],
    ['orders', { baseURL: 'https://gateway.quiqup.example@elsewhere.example/' }],
    ['orders', { baseURL: 'https://gateway.quiqup.example.' }],
  ])('at %j %j', async (url, { baseURL, ...config } = {}) => {
    const options = { ...config, ...(baseURL !== undefined && { baseURL: filled(baseURL) }) };
    for (const client of [quiqup.quiqup.axiosRef, attached({ baseURL: quiqup.simulator.url }), attached()]) {
      expect(await sentTo(url, options, client)).toMatchObject({ authorization: undefined });
    }
  });

  it.each([
    '//127.0.0.1:{foreignPort}/orders',
    '//127.0.0.1:{port}/orders',
    'http:/127.0.0.1:{foreignPort}/',
    'http:\\\\{foreign}',
  ])('at %j, which axios refuses to send', async (url) => {
    for (const client of [quiqup.quiqup.axiosRef, attached({ baseURL: quiqup.simulator.url }), attached()]) {
      quiqup.simulator.resetCounters();
      await expect(client.get(filled(url))).rejects.toMatchObject({ code: 'ERR_INVALID_URL' });
      expect([foreign.received, quiqup.simulator.calls]).toEqual([[], []]);
    }
  });

  it('at its own baseURL, whatever that of the last call was', async () => {
    const client = attached();
    for (const [baseURL, authorization] of [
      [trusted.url, `Bearer ${token}`],
      [foreign.url, undefined],
      [trusted.url, `Bearer ${token}`],
    ] as const) {
      const { adapter, sent } = recorder();
      await client.get('/orders', { baseURL, adapter });
      expect(sent).toStrictEqual([{ href: `${baseURL}orders`, authorization }]);
    }
  });

  it('at a path of another server, whatever axios.defaults say', async () => {
    axios.defaults.baseURL = quiqup.simulator.url;
    try {
      const client = attached();
      delete client.defaults.baseURL;
      const { adapter, sent } = recorder();
      await client.get('/orders', { socketPath: '/run/another.sock', adapter });
      expect(sent).toMatchObject([{ authorization: undefined }]);
    } finally {
      delete axios.defaults.baseURL;
    }
  });

  it('at another server on the same machine, and its 401 means nothing', async () => {
    for (const config of [{}, { baseURL: foreign.url }]) {
      const call = quiqup.quiqup.axiosRef.get('baseURL' in config ? '/status/401' : `${foreign.url}status/401`, config);
      await expect(call).rejects.toMatchObject({ status: 401 });
    }
    expect(tokensSeenBy(foreign)).toEqual(['none', 'none']);
    expect(quiqup.tokens.peek()).toBe(token);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('at another server while none can be had, and does not fail for it', async () => {
    const { simulator } = quiqup;
    const refused = await QuiqupApp.start({ simulator, module: { clientSecret: 'wrong' } });
    try {
      simulator.resetCounters();
      expect(await refused.quiqup.axiosRef.get(`${foreign.url}status/200`)).toMatchObject({ status: 200 });
      expect(simulator.counters.tokenRequests).toBe(0);
      await expect(refused.quiqup.axiosRef.get('/orders')).rejects.toThrow(QuiqupCredentialsRefusedError);
      // Never sent without a token instead.
      expect(simulator.counters.calls).toBe(0);
    } finally {
      await refused.app.close();
    }
  });
});

function post(url: string, config: AxiosRequestConfig = {}): Promise<AxiosResponse | AxiosError> {
  return quiqup.quiqup.axiosRef.post(url, { an: 'order' }, config).catch((error: unknown) => error as AxiosError);
}

describe('A redirect', () => {
  describe.each([301, 302, 303, 307, 308])('with %d', (status) => {
    it('to another origin goes without the token, and the 401 there means nothing', async () => {
      const url = `${trusted.url}redirect/${status}?to=${foreign.url}status/401`;
      expect(await post(url)).toMatchObject({ status: 401 });
      expect(tokensSeenBy(trusted)).toEqual([token]);
      expect(tokensSeenBy(foreign)).toEqual(['none']);
      expect(JSON.stringify(foreign.received)).not.toContain(token);
      expect(JSON.stringify(foreign.received)).not.toContain(SECRET);
      expect(quiqup.tokens.peek()).toBe(token);
      expect(quiqup.tokenRequests).toBe(1);
    });

    it('to the same origin keeps the token, and a 401 there is recovered', async () => {
      const url = `${trusted.url}redirect/${status}?to=/status/401`;
      expect(await post(url)).toMatchObject({ status: 401 });
      const [first, second, third, fourth] = tokensSeenBy(trusted);
      expect([first, second]).toEqual([token, token]);
      expect(third).toMatch(/^[0-9a-f]{64}$/);
      expect(third).not.toBe(token);
      expect(fourth).toBe(third);
      expect(trusted.received).toHaveLength(4);
    });
  });

  it('there and back again shows no token on the way, and the 401 at its end means nothing', async () => {
    const back = encodeURIComponent(`${trusted.url}status/401`);
    const away = encodeURIComponent(`${foreign.url}redirect/307?to=${back}`);
    expect(await post(`${trusted.url}redirect/307?to=${away}`)).toMatchObject({ status: 401 });
    expect(tokensSeenBy(foreign)).toEqual(['none']);
    expect(tokensSeenBy(trusted)).toEqual([token, 'none']);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('from elsewhere to Quiqup is never given a token', async () => {
    expect(await post(`${foreign.url}redirect/307?to=${trusted.url}status/401`)).toMatchObject({ status: 401 });
    expect([...tokensSeenBy(foreign), ...tokensSeenBy(trusted)]).toEqual(['none', 'none']);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it("calls the caller's own beforeRedirect, and leaves it in the config", async () => {
    const targets: unknown[] = [];
    const beforeRedirect: NonNullable<AxiosRequestConfig['beforeRedirect']> = (options, { statusCode }) => {
      targets.push([options['href'], statusCode]);
    };
    const url = `${trusted.url}redirect/307?to=${foreign.url}status/200`;
    for (const end of ['status/200', 'status/500']) {
      const outcome = await post(url.replace('status/200', end), { beforeRedirect });
      expect(outcome.config?.beforeRedirect).toBe(beforeRedirect);
      expect(targets.splice(0)).toEqual([[`${foreign.url}${end}`, 307]]);
    }
    expect((await post(url)).config).not.toHaveProperty('beforeRedirect');
  });

  it.each([
    ['https://elsewhere.example/', false],
    ['https://sub.gateway.quiqup.example/', false],
    ['http://gateway.quiqup.example/', false],
    ['not a url', false],
    [`${GATEWAY}/elsewhere`, true],
  ])('that axios itself would send on with the header, to %j, keeps it: %j', async (href, keeps) => {
    // Like axios before 1.21 if the target is a subdomain.
    const headers: Record<string, unknown> = { Accept: '*/*' };
    const adapter: AxiosAdapter = (config) => {
      headers['authorization'] = config.headers.get('Authorization');
      config.beforeRedirect?.(
        { href, headers },
        { headers: {}, statusCode: 302 },
        { url: '', method: '', headers: {} },
      );
      return Promise.resolve({ status: 401, statusText: '', headers: {}, data: undefined, config });
    };
    await post(GATEWAY, { adapter });
    expect('authorization' in headers).toBe(keeps);
    // Only who has seen the token can refuse it.
    expect(quiqup.tokenRequests).toBe(keeps ? 2 : 1);
  });
});

describe('The token request', () => {
  it('is seen by no interceptor', async () => {
    const urls: unknown[] = [];
    const clients = [axios, quiqup.quiqup.axiosRef, attached({ baseURL: quiqup.simulator.url })];
    const ids = clients.map(({ interceptors }) =>
      interceptors.request.use((config) => {
        urls.push(config.url);
        return config;
      }),
    );
    try {
      await quiqup.tokens.refresh();
      expect(quiqup.tokenRequests).toBe(2);
      await Promise.all(clients.slice(1).map((client) => client.get('/api/fulfilment/orders')));
      expect(urls).toEqual(['/api/fulfilment/orders', '/api/fulfilment/orders']);
    } finally {
      clients.forEach(({ interceptors }, index) => interceptors.request.eject(ids[index] as number));
    }
  });
});
