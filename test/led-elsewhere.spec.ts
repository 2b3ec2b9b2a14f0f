import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { startScriptedApi, tokensSeenBy } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';

const PATH = '/api/fulfilment/orders';

let quiqup: QuiqupApp;
let foreign: ScriptedServer;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  foreign = await startScriptedApi();
});
afterEach(async () => {
  undo.splice(0).forEach((one) => one());
  await quiqup.stop();
  await foreign.stop();
});

function attached(config: AxiosRequestConfig = {}): AxiosInstance {
  const instance = axios.create({ baseURL: quiqup.simulator.url, ...config });
  quiqup.interceptor.attach(instance);
  return instance;
}

/** An adapter that tells whether the call would have left with a token. */
async function hasToken(client: AxiosInstance, config: AxiosRequestConfig): Promise<boolean> {
  let authorization: unknown;
  const adapter = (sent: InternalAxiosRequestConfig) => {
    authorization = sent.headers.get('Authorization');
    return Promise.resolve({ status: 200, statusText: '', headers: {}, data: '', config: sent });
  };
  await client.get(PATH, { ...config, adapter });
  return authorization !== undefined;
}

function setEnv(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    process.env[name] = value;
    undo.push(() => (before === undefined ? delete process.env[name] : (process.env[name] = before)));
  }
}

describe('A call that something beside its URL leads elsewhere has no token', () => {
  beforeEach(async () => {
    quiqup = await QuiqupApp.start({ module: { trustedOrigins: ['https://gateway.example'] } });
    await quiqup.tokens.getAccessToken();
  });

  it.each<[string, AxiosRequestConfig, boolean]>([
    ['another host', { headers: { Host: 'elsewhere.example' } }, false],
    ['another host, in another case', { headers: { hOST: 'elsewhere.example' } }, false],
    ['another port', { headers: { Host: '127.0.0.1:1' } }, false],
    ['a host and more', { headers: { Host: '{host}/x' } }, false],
    ['a host with a user', { headers: { Host: 'user@{host}' } }, false],
    ['no host at all', { headers: { Host: '' } }, false],
    ['two hosts', { headers: { Host: ['{host}', 'elsewhere.example'] as never } }, false],
    ['the authority of HTTP/2', { headers: { ':authority': 'elsewhere.example' } }, false],
    ['a socket', { socketPath: '/run/another.sock' }, false],
    ['its own host', { headers: { Host: '{host}' } }, true],
    [
      'its own host with the default port',
      { url: 'x', baseURL: 'https://gateway.example', headers: { Host: 'GATEWAY.example:443' } },
      true,
    ],
    ['a host that is left out', { headers: { Host: null as never } }, true],
    ['a proxy of its own', { proxy: { host: '127.0.0.1', port: 1 } }, true],
  ])('by %s: %j', async (_what, config, isTrusted) => {
    const { host } = new URL(quiqup.simulator.url);
    const filled = JSON.parse(JSON.stringify(config).replaceAll('{host}', host)) as AxiosRequestConfig;
    expect(await hasToken(quiqup.quiqup.axiosRef, filled)).toBe(isTrusted);
    expect(await hasToken(attached(), filled)).toBe(isTrusted);
    expect(await hasToken(attached(filled), {})).toBe(isTrusted);
  });
});

describe('The socket of the options', () => {
  it('is the way to Quiqup', async () => {
    const module = { http: { socketPath: '/run/quiqup.sock' }, refresh: { enabled: false } } as const;
    quiqup = await QuiqupApp.start({ module });
    // The token request uses the same socket, and nothing listens there.
    await expect(hasToken(quiqup.quiqup.axiosRef, {})).rejects.toMatchObject({
      code: 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE',
    });
    expect(await hasToken(attached({ socketPath: '/run/another.sock' }), {})).toBe(false);
  });
});

describe('A proxy of the environment', () => {
  it.each(['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])(
    'in %s sees neither the client secret nor a token of plain http',
    async (variable) => {
      setEnv({ [variable]: foreign.url, no_proxy: 'elsewhere.example', NO_PROXY: '' });
      quiqup = await QuiqupApp.start();
      await quiqup.quiqup.axiosRef.get(PATH);
      await quiqup.quiqup.lastMile.axiosRef.get(PATH);
      expect(foreign.received).toEqual([]);
      await attached().get(PATH);
      expect(tokensSeenBy(foreign)).toEqual(foreign.received.map(() => 'none'));
      expect(await hasToken(attached(), {})).toBe(false);
      expect(await hasToken(attached({ proxy: false }), {})).toBe(true);
    },
  );

  it.each(['127.0.0.1', '*', 'elsewhere.example, {host}'])(
    'that NO_PROXY leads around (%s) has no part',
    async (way) => {
      quiqup = await QuiqupApp.start();
      setEnv({ http_proxy: foreign.url, no_proxy: way.replace('{host}', new URL(quiqup.simulator.url).host) });
      expect(await hasToken(attached(), {})).toBe(true);
    },
  );
});

describe('What was judged is what is sent', () => {
  it('though the URL object changes while the call waits for its token', async () => {
    quiqup = await QuiqupApp.start();
    quiqup.simulator.stall(200, { on: 'token' });
    const url = new URL(PATH, quiqup.simulator.url);
    const call = attached().get(url as never);
    await eventually(() => quiqup.simulator.counters.tokenRequests > 0, 'the token was asked for');
    url.host = new URL(foreign.url).host;
    expect((await call).status).toBe(200);
    expect(foreign.received).toEqual([]);
  });

  it.each(['while it waits for its token', 'while it waits for another'])(
    'and what leads elsewhere since is judged anew, %s',
    async (when) => {
      quiqup = await QuiqupApp.start();
      const isReplay = when.endsWith('another');
      if (isReplay) {
        await quiqup.tokens.getAccessToken();
        quiqup.simulator.revokeAll();
      }
      let config: InternalAxiosRequestConfig | undefined;
      const client = axios.create({ baseURL: quiqup.simulator.url });
      client.interceptors.request.use((own) => (config = own));
      quiqup.interceptor.attach(client);
      quiqup.simulator.stall(200, { on: 'token' });
      const call = client.get(PATH, { validateStatus: null });
      const asked = quiqup.simulator.counters.tokenRequests;
      await eventually(() => quiqup.simulator.counters.tokenRequests > asked, 'a token was asked for');
      Object.assign(config ?? {}, { url: `${foreign.url}status/200` });
      expect((await call).status).toBe(isReplay ? 401 : 200);
      expect(tokensSeenBy(foreign)).toEqual(isReplay ? [] : ['none']);
    },
  );
});
