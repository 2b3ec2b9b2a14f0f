import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosError, type AxiosRequestConfig } from 'axios';
import lowestAxios from 'axios-lowest';
import { QuiqupTokenEndpointNotFoundError } from 'nestjs-quiqup-auth';
import * as http from 'node:http';
import * as https from 'node:https';
import { waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { startScriptedApi, tokensSeenBy } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';

type Adapter = AxiosRequestConfig['adapter'] & {};

/** An older one sends a header on where a newer one does not, and knows fewer options. */
const oldest = (name: 'http' | 'fetch'): AxiosAdapter => lowestAxios.getAdapter(name) as unknown as AxiosAdapter;

const HTTP_ADAPTERS: [string, Adapter][] = [
  ["axios' http adapter", 'http'],
  ['the http adapter of the oldest axios', oldest('http')],
];
const ADAPTERS: [string, Adapter][] = [
  ...HTTP_ADAPTERS,
  ["axios' fetch adapter", 'fetch'],
  ['the fetch adapter of the oldest axios', oldest('fetch')],
];

let quiqup: QuiqupApp;
let api: ScriptedServer;
/** The trusted origin: the API by another name than its address. */
let trusted: string;
let token: string;

beforeEach(async () => {
  api = await startScriptedApi();
  trusted = `http://localhost:${api.port}`;
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [trusted] } });
  token = await quiqup.tokens.getAccessToken();
});
afterEach(async () => {
  await quiqup.stop();
  await api.stop();
});

/** Every name leads to the API, so that its name alone makes an origin foreign. */
const lookup: NonNullable<AxiosRequestConfig['lookup']> = (_hostname, _options, callback) =>
  callback(null, '127.0.0.1', 4);

async function redirected(to: string, config: AxiosRequestConfig): Promise<unknown> {
  const url = `${trusted}/redirect/307?to=${encodeURIComponent(to)}`;
  const answer = await quiqup.quiqup.axiosRef
    .get(url, { lookup, ...config })
    .catch((error: unknown) => error as AxiosError);
  return answer.status;
}

function leadElsewhere(options: Record<string, unknown>): void {
  options['hostname'] = 'elsewhere.example';
}

function authorize({ headers }: { headers?: Record<string, string> }): void {
  (headers as Record<string, string>)['authorization'] = 'Bearer own';
}

describe.each(HTTP_ADAPTERS)('Through %s a redirect', (_name, adapter) => {
  it.each(['http://sub.localhost:{port}', 'http://a.b.localhost:{port}', 'http://127.0.0.1:{port}'])(
    'to %s, which is not trusted, goes without the token, and the 401 there means nothing',
    async (origin) => {
      const to = origin.replace('{port}', String(api.port));
      expect(await redirected(`${to}/status/401`, { adapter })).toBe(401);
      expect(tokensSeenBy(api)).toEqual([token, 'none']);
      expect(api.received[1]?.headers.host).toBe(new URL(to).host);
      expect(quiqup.tokenRequests).toBe(1);
    },
  );

  it.each(['/status/401', 'http://elsewhere.example:{port}/status/401'])(
    'to %s of a call with a Host header of its own takes no token along, for it had none',
    async (location) => {
      const headers = { Host: `elsewhere.example:${api.port}` };
      const to = location.replace('{port}', String(api.port));
      expect(await redirected(to, { adapter, headers })).toBe(401);
      expect(tokensSeenBy(api)).toEqual(['none', 'none']);
      expect(quiqup.tokenRequests).toBe(1);
    },
  );

  it.each<[string, (options: Record<string, unknown>) => void]>([
    ['a Host header', ({ headers }) => Object.assign(headers as object, { Host: 'elsewhere.example' })],
    ['a server name for TLS', (options) => (options['servername'] = 'elsewhere.example')],
    ['an agent', (options) => (options['agents'] = { http: new http.Agent(), https: new https.Agent() })],
  ])("that the caller's beforeRedirect gives %s of its own goes without the token", async (_what, beforeRedirect) => {
    expect(await redirected('/status/401', { adapter, beforeRedirect })).toBe(401);
    expect(tokensSeenBy(api)).toEqual([token, 'none']);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it("shows the token to nobody's beforeRedirect, and keeps it to a trusted origin", async () => {
    const ways: string[] = [];
    const beforeRedirect: AxiosRequestConfig['beforeRedirect'] = (...details) => {
      const [{ headers }, response, request] = details;
      ways.push(...waysTo(token, [headers, response, (request as typeof request | undefined)?.headers]));
    };
    expect(await redirected('/status/200', { adapter, beforeRedirect })).toBe(200);
    expect(ways).toEqual([]);
    expect(tokensSeenBy(api)).toEqual([token, token]);
  });

  it("that the caller's beforeRedirect leads elsewhere goes without the token", async () => {
    expect(await redirected('/status/401', { adapter, beforeRedirect: leadElsewhere })).toBe(401);
    expect(tokensSeenBy(api)).toEqual([token, 'none']);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it("keeps the authorization that the caller's beforeRedirect gives it, and its 401 means nothing", async () => {
    expect(await redirected('/status/401', { adapter, beforeRedirect: authorize })).toBe(401);
    expect(tokensSeenBy(api)).toEqual([token, 'own']);
    expect(quiqup.tokenRequests).toBe(1);
  });
});

describe.each(ADAPTERS)('Through %s', (_name, adapter) => {
  it.each([301, 302, 303, 307, 308])('a redirect with %d shows the token to no other origin', async (status) => {
    const to = encodeURIComponent(`http://127.0.0.1:${api.port}/status/200`);
    const url = `${trusted}/redirect/${status}?to=${to}`;
    await quiqup.quiqup.axiosRef.post(url, { an: 'order' }, { adapter, lookup });
    expect(tokensSeenBy(api)).toEqual([token, 'none']);
  });

  it.each([301, 302, 303, 307, 308])('the token request follows no redirect with %d', async (status) => {
    const { simulator } = quiqup;
    for (const location of [`${api.url}oauth/token`, '/oauth/token']) {
      const other = await QuiqupApp.start({ simulator, module: { http: { adapter } } });
      simulator.resetCounters();
      simulator.failNext({ on: 'token', status, headers: { Location: location } });
      await expect(other.tokens.getAccessToken()).rejects.toThrow(QuiqupTokenEndpointNotFoundError);
      await other.app.close();
      expect(simulator.counters.tokenRequests).toBe(1);
    }
    expect(api.received).toEqual([]);
  });
});

it('Both axios are what they are taken for', () => {
  expect([axios.VERSION, lowestAxios.VERSION]).toEqual([expect.stringMatching(/^1\.(?:2[1-9]|[3-9]\d)/), '1.16.1']);
});

it("Through axios' fetch adapter the 401 of another origin after a redirect means nothing", async () => {
  const to = encodeURIComponent(`http://127.0.0.1:${api.port}/status/401`);
  const call = quiqup.quiqup.axiosRef.get(`${trusted}/redirect/307?to=${to}`, { adapter: 'fetch' });
  await expect(call).rejects.toMatchObject({ status: 401 });
  expect(tokensSeenBy(api)).toEqual([token, 'none']);
  expect(quiqup.tokenRequests).toBe(1);
});
