import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { adapterOf, restoreAdapter } from '../lib/http/adapter-of.js';

/** Another copy, as CommonJS applications on Nest 12 have one. */
const otherAxios = createRequire(import.meta.url)('axios') as typeof axios;

const configOf = (own: object): InternalAxiosRequestConfig =>
  ({ headers: new axios.AxiosHeaders(), ...own }) as InternalAxiosRequestConfig;
const answering: AxiosAdapter = (config) =>
  Promise.resolve({ status: 200, statusText: '', headers: {}, data: 'answered', config });

let server: Server;
let url: string;
const received: { readonly type: unknown; readonly body: string }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      received.push({ type: request.headers['content-type'], body });
      response.writeHead(request.url === '/fails' ? 500 : 200, { 'content-type': 'application/json' });
      // A text in JSON: parsed twice it would be a number.
      response.end('"1"');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

describe('The adapter that a call would be sent with', () => {
  it('is the function of the call, or of its instance', () => {
    const instance = axios.create({ adapter: answering });
    const own: AxiosAdapter = (config) => answering(config);
    expect(adapterOf(configOf({ adapter: own }), instance)).toBe(own);
    expect(adapterOf(configOf({}), instance)).toBe(answering);
  });

  it.each([
    ['of the call', configOf({ adapter: 'fetch' }), axios.create()],
    ['of the instance', configOf({}), axios.create({ adapter: ['xhr', 'fetch'] })],
  ])('is the one with the name %s', (_, config, instance) => {
    expect(adapterOf(config, instance)).toBe(axios.getAdapter('fetch', config));
  });

  it('is that of axios where nobody says anything', () => {
    const instance = axios.create();
    delete instance.defaults.adapter;
    const config = configOf({});
    expect(adapterOf(config, instance)).toBe(axios.getAdapter(axios.defaults.adapter ?? [], config));
  });

  it.each([undefined, answering, 'http' as const])('can be put back: %p', (original) => {
    const config = configOf({ adapter: 'another' });
    restoreAdapter(config, original);
    expect(config).toEqual(configOf(original === undefined ? {} : { adapter: original }));
    expect('adapter' in config).toBe(original !== undefined);
  });
});

function configOfOther(): InternalAxiosRequestConfig {
  return { headers: new otherAxios.AxiosHeaders(), url: `${url}/orders`, method: 'get', proxy: false } as never;
}

describe('A call of another axios', () => {
  let calls: InternalAxiosRequestConfig[];
  const instanceOf = (): AxiosInstance => {
    calls = [];
    const instance = otherAxios.create({ baseURL: url, proxy: false, params: { a: 1 } });
    instance.interceptors.request.use((config) => {
      calls.push(config);
      const adapter = adapterOf(config, instance);
      config.adapter = (sent) => {
        restoreAdapter(sent, undefined);
        return adapter(sent);
      };
      return config;
    });
    return instance;
  };

  it('is sent by that one, transformed once', async () => {
    const response = await instanceOf().post('/orders', { id: 1 });
    expect(response.data).toBe('1');
    expect(received.at(-1)).toEqual({ type: 'application/json', body: '{"id":1}' });
    expect(calls).toHaveLength(1);
  });

  it('is sent with nothing of the defaults of its instance twice', async () => {
    const instance = instanceOf();
    const bare = adapterOf(configOfOther(), instance);
    expect(adapterOf(configOfOther(), instance)).not.toBe(bare);
    instance.defaults.headers.common['X-Late'] = 'late';
    instance.defaults.validateStatus = () => false;
    const response = await bare(configOfOther());
    expect(response.status).toBe(200);
  });

  it('has its own config in its response and in its error', async () => {
    const instance = instanceOf();
    const config = configOfOther();
    expect((await adapterOf(config, instance)(config)).config).toBe(config);
    const failing = { ...configOfOther(), url: `${url}/fails`, validateStatus: (status: number) => status < 500 };
    const error: unknown = await adapterOf(failing, instance)(failing).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(otherAxios.AxiosError);
    expect(error).toMatchObject({ response: { status: 500 } });
    const { config: ofError, response } = error as { config: unknown; response: { config: unknown } };
    expect([ofError === failing, response.config === failing]).toEqual([true, true]);
  });

  it('fails as it would without a response', async () => {
    const config = { ...configOfOther(), url: 'http://127.0.0.1:1/' };
    const error: unknown = await adapterOf(config, instanceOf())(config).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect((error as { config: unknown }).config).toBe(config);
  });

  it.each([new Error('without a config'), null, 'a text', { config: undefined }])(
    'fails with whatever its axios throws: %p',
    async (reason) => {
      const throwIfRequested = (): never => {
        throw reason;
      };
      const config = Object.assign(configOfOther(), { cancelToken: { throwIfRequested } });
      await expect(adapterOf(config, instanceOf())(config)).rejects.toBe(reason);
      expect(reason instanceof Error && 'config' in reason).toBe(false);
    },
  );

  it('is sent by the function of the call, where it has one', () => {
    const config = Object.assign(configOfOther(), { adapter: answering });
    expect(adapterOf(config, instanceOf())).toBe(answering);
  });

  it('has one instance without interceptors for all calls of its instance', () => {
    const instance = instanceOf();
    const create = jest.spyOn(instance, 'create');
    adapterOf(configOfOther(), instance);
    adapterOf(configOfOther(), instance);
    expect(create).toHaveBeenCalledTimes(1);
  });
});
