import { afterEach, describe, expect, it } from '@jest/globals';
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import * as http from 'node:http';
import * as https from 'node:https';
import { createTokenClient, type TokenClient } from '../lib/token/token-client.js';

const HTTPS = 'https://platform-api.quiqup.com/oauth/token';
const HTTP = 'http://localhost:1/oauth/token';
const clients: TokenClient[] = [];
const nothing = (): void => undefined;
afterEach(() => clients.splice(0).forEach((client) => client.close()));

/** The token request with these axios options. */
async function sentWith(given: object, url = HTTPS, request: object = {}): Promise<InternalAxiosRequestConfig> {
  const sent: InternalAxiosRequestConfig[] = [];
  const adapter: AxiosAdapter = (config) => {
    sent.push(config);
    return Promise.resolve({ status: 503, statusText: '', headers: {}, data: '{"a":1}', config });
  };
  const client = createTokenClient({ http: { adapter, ...given } });
  clients.push(client);
  const { signal } = new AbortController();
  const response = await client.send({ method: 'POST', url, body: '{"a":"b"}', signal, ...request });
  // Any status is a response, and its body a text.
  expect([response.status, response.data]).toEqual([503, '{"a":1}']);
  return sent[0] as InternalAxiosRequestConfig;
}

describe('A token request', () => {
  it('is JSON both ways, follows no redirect and reads no more than 1 MiB', async () => {
    const sent = await sentWith({});
    expect(sent).toMatchObject({
      method: 'post',
      url: HTTPS,
      data: '{"a":"b"}',
      maxContentLength: 1_048_576,
      maxRedirects: 0,
      responseType: 'text',
      fetchOptions: { redirect: 'manual' },
    });
    expect(sent.headers.toJSON()).toMatchObject({ Accept: 'application/json', 'Content-Type': 'application/json' });
  });

  it('has no body where it has none', async () => {
    expect((await sentWith({}, HTTPS, { method: 'GET', body: undefined })).data).toBeUndefined();
  });

  it('goes through the network as the calls do, and has nothing else of their options', async () => {
    const proxy = { host: 'proxy', port: 1 };
    const sent = await sentWith({
      family: 4,
      lookup: nothing,
      proxy,
      maxRate: 5,
      timeout: 1,
      maxRedirects: 5,
      headers: { 'X-App': 'mine' },
      auth: { username: 'a', password: 'b' },
      params: { a: 1 },
      baseURL: 'https://elsewhere.example/',
      socketPath: undefined,
    });
    expect(sent).toMatchObject({ family: 4, lookup: nothing, proxy, maxRate: 5, maxRedirects: 0, url: HTTPS });
    const others = ['timeout', 'auth', 'params', 'baseURL', 'socketPath', 'transport'];
    expect(others.filter((name) => name in sent)).toEqual([]);
    expect(sent.headers.has('X-App')).toBe(false);
  });

  it('goes around the proxy of the environment over plain http:, unless the options name one', async () => {
    expect((await sentWith({}, HTTP)).proxy).toBe(false);
    expect('proxy' in (await sentWith({}, HTTPS))).toBe(false);
    const proxy = { host: 'proxy', port: 1 };
    expect((await sentWith({ proxy }, HTTP)).proxy).toEqual(proxy);
  });

  it('has agents of its own in place of those of the options, else of Node’s', async () => {
    const own = { httpAgent: new http.Agent({ maxSockets: 3 }), httpsAgent: new https.Agent({ maxSockets: 4 }) };
    const given = await sentWith(own);
    expect([(given.httpAgent as http.Agent).maxSockets, (given.httpsAgent as https.Agent).maxSockets]).toEqual([3, 4]);
    expect([given.httpAgent === own.httpAgent, given.httpsAgent === own.httpsAgent]).toEqual([false, false]);
    const { httpAgent, httpsAgent } = await sentWith({});
    expect([httpAgent, httpsAgent].map((agent) => (agent as object).constructor)).toEqual([http.Agent, https.Agent]);
    expect([httpAgent === http.globalAgent, httpsAgent === https.globalAgent]).toEqual([false, false]);
  });

  it('has the fetch of the options and its classes, and no more of `env`', async () => {
    const env = { fetch: () => undefined, Request, Response, FormData };
    expect((await sentWith({ env })).env).toEqual({ fetch: env.fetch, Request, Response });
    expect((await sentWith({ env: { Request } })).env).toEqual({ Request });
    expect((await sentWith({})).env).toEqual({});
  });

  it('has HTTP/2 sessions of its own', async () => {
    const { http2Options } = (await sentWith({ http2Options: { a: 1 } })) as { http2Options?: object };
    expect(http2Options).toEqual({ a: 1, quiqupTokenRequests: true });
  });

  it('follows no redirect with a transport of the options', async () => {
    const requests: unknown[][] = [];
    const transport = { request: (...args: unknown[]) => requests.push(args) };
    const sent = (await sentWith({ transport })).transport as typeof transport;
    sent.request({ host: 'api', maxRedirects: 5 }, nothing);
    expect(requests).toEqual([[{ host: 'api', maxRedirects: 0, followRedirects: false }, nothing]]);
  });
});
