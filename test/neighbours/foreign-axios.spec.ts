import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AxiosInstance, AxiosRequestConfig, AxiosStatic } from 'axios';
import axiosLowest from 'axios-lowest';
import { createRequire } from 'node:module';
import { ClientRequest } from 'node:http';
import { waysTo } from '../support/find-secret.js';
import { QuiqupApp } from '../support/quiqup-app.js';
import { startScriptedApi, tokensSeenBy } from '../support/scripted-api.js';
import type { ScriptedServer } from '../support/scripted-server.js';

const READ = '/api/fulfilment/inventory';
/** As a CommonJS application has it, and one with another version. */
const FOREIGN: [string, AxiosStatic][] = [
  ['of CommonJS', createRequire(import.meta.url)('axios') as AxiosStatic],
  ['of another version', axiosLowest as unknown as AxiosStatic],
];

let quiqup: QuiqupApp;
/** A host that is none of Quiqup's. */
let elsewhere: ScriptedServer;
beforeEach(async () => {
  quiqup = await QuiqupApp.start();
  elsewhere = await startScriptedApi();
});
afterEach(async () => {
  await quiqup.stop();
  await elsewhere.stop();
});

interface Failure {
  readonly config: AxiosRequestConfig;
  readonly request: unknown;
  readonly response?: { readonly config: unknown; readonly data: unknown };
}

const failureOf = (call: Promise<unknown>): Promise<Failure> =>
  call.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => error as Failure,
  );

describe.each(FOREIGN)('On an axios %s', (_name, { create, AxiosError, CanceledError, AxiosHeaders }) => {
  let client: AxiosInstance;
  beforeEach(() => {
    client = create();
    quiqup.interceptor.attach(client);
  });

  it.each<[string, string, AxiosRequestConfig]>([
    ['404', 'status/404', {}],
    ['404 by fetch', 'status/404', { adapter: 'fetch' }],
    ['a list of adapters', 'status/404', { adapter: ['xhr', 'http'] }],
    ['401', 'status/401', {}],
    ['a lost connection', 'reset', {}],
    ['a timeout', 'hang', { timeout: 30 }],
    ['an answer that is too long', 'status/200', { maxContentLength: 3 }],
  ])('the errors of calls to other hosts stay its own (%s)', async (_what, path, config) => {
    const failure = await failureOf(client.post(elsewhere.url + path, { an: 'order' }, config));
    expect(failure).toBeInstanceOf(AxiosError);
    expect(failure.config).toMatchObject({ url: elsewhere.url + path, method: 'post', data: '{"an":"order"}' });
    expect(failure.config.adapter).toEqual(config.adapter ?? client.defaults.adapter);
    expect(failure.config.headers).toBeInstanceOf(AxiosHeaders);
    expect(failure.response?.config ?? failure.config).toBe(failure.config);
    expect(failure.response?.data ?? { path: `/${path}` }).toEqual({ path: `/${path}` });
    expect(tokensSeenBy(elsewhere).filter((token) => token !== 'none')).toEqual([]);
  });

  it('the answers of calls to other hosts are those of plain axios', async () => {
    const plain = await create().get(`${elsewhere.url}status/200`);
    const answer = await client.get(`${elsewhere.url}status/200`);
    expect(answer.request).toBeInstanceOf(ClientRequest);
    expect(Object.keys(answer).toSorted()).toEqual(Object.keys(plain).toSorted());
    expect(answer.data).toEqual(plain.data);
    expect({ ...answer.config, httpAgent: 0 }).toMatchObject({ url: plain.config.url, method: 'get' });
    expect(Object.keys(answer.config).toSorted()).toEqual(Object.keys(plain.config).toSorted());
  });

  it('a call that its caller gives up is cancelled by its own', async () => {
    const call = client.get(`${elsewhere.url}hang`, { signal: AbortSignal.timeout(30) });
    expect(await failureOf(call)).toBeInstanceOf(CanceledError);
  });

  it('a call of Quiqup’s gets the token, is recovered, and its errors are its own too', async () => {
    const url = quiqup.simulator.url + READ.slice(1);
    expect((await client.get(url)).status).toBe(200);
    quiqup.simulator.revokeAll();
    const answer = await client.get(url);
    expect(answer.status).toBe(200);
    const token = quiqup.tokens.peek() as string;
    expect(waysTo(token, answer)).toEqual([]);
    quiqup.simulator.failNext({ status: 404, on: 'resource' });
    const failure = await failureOf(client.get(url));
    expect(failure).toBeInstanceOf(AxiosError);
    expect(waysTo(token, failure)).toEqual([]);
    expect(quiqup.simulator.counters).toMatchObject({ tokenRequests: 2, unauthorized: 1 });
  });
});
