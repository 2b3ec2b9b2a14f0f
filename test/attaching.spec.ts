import { beforeEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import axios, { type AxiosAdapter, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { createQuiqupAuthConfig } from '../lib/config/quiqup-auth.config.js';
import type { AuthorizingAdapter } from '../lib/http/authorizing-adapter.js';
import { QuiqupAxiosInterceptor } from '../lib/http/quiqup-axios.interceptor.js';
import { QuiqupHttpService } from '../lib/http/quiqup-http.service.js';

/** The wrapped calls, and an end that a test can cause. */
class RecordingAdapter {
  isClosed = false;
  readonly wrapped: InternalAxiosRequestConfig[] = [];
  answer: AxiosAdapter = (config) => Promise.resolve({ status: 200, statusText: '', headers: {}, data: 'ok', config });
  wrap(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
    this.wrapped.push(config);
    config.adapter = (sent) => this.answer(sent);
    return config;
  }
}

let adapter: RecordingAdapter;
beforeEach(() => {
  adapter = new RecordingAdapter();
});
const authorizing = (): AuthorizingAdapter => adapter as unknown as AuthorizingAdapter;
const unattached = (): AxiosInstance =>
  axios.create({
    adapter: (config) => Promise.resolve({ status: 204, statusText: '', headers: {}, data: '', config }),
  });
const isWrapped = async (instance: AxiosInstance): Promise<boolean> => (await instance.get('/orders')).status === 200;

describe('An attached instance', () => {
  it('has its calls wrapped, until it is detached', async () => {
    const instance = unattached();
    expect(await isWrapped(instance)).toBe(false);
    const detach = new QuiqupAxiosInterceptor(authorizing()).attach(instance);
    expect(await isWrapped(instance)).toBe(true);
    detach();
    expect(await isWrapped(instance)).toBe(false);
  });

  it('may be that of an HttpService', async () => {
    const service = new HttpService(unattached());
    new QuiqupAxiosInterceptor(authorizing()).attach(service);
    expect(await isWrapped(service.axiosRef)).toBe(true);
  });

  it('is wrapped once, until all have detached that attached it', async () => {
    const instance = unattached();
    const interceptor = new QuiqupAxiosInterceptor(authorizing());
    const detaches = [interceptor.attach(instance), interceptor.attach(instance)];
    await isWrapped(instance);
    expect(adapter.wrapped).toHaveLength(1);
    detaches[0]?.();
    detaches[0]?.();
    expect(await isWrapped(instance)).toBe(true);
    detaches[1]?.();
    expect(await isWrapped(instance)).toBe(false);
  });

  it('can be attached again after its interceptors were cleared', async () => {
    const instance = unattached();
    const interceptor = new QuiqupAxiosInterceptor(authorizing());
    const first = interceptor.attach(instance);
    instance.interceptors.request.clear();
    let others = 0;
    instance.interceptors.request.use((config) => ((others += 1), config)); // prettier-ignore
    expect(await isWrapped(instance)).toBe(false);
    const second = interceptor.attach(instance);
    expect(await isWrapped(instance)).toBe(true);
    // The id of the first is another's by now.
    first();
    expect(await isWrapped(instance)).toBe(true);
    second();
    expect(await isWrapped(instance)).toBe(false);
    expect(others).toBe(4);
  });

  it('is left alone once the application has shut down, for the next to attach', async () => {
    const instance = unattached();
    const interceptor = new QuiqupAxiosInterceptor(authorizing());
    interceptor.attach(instance);
    adapter.isClosed = true;
    expect(await isWrapped(instance)).toBe(false);
    adapter.isClosed = false;
    expect(await isWrapped(instance)).toBe(false);
    interceptor.attach(instance);
    expect(await isWrapped(instance)).toBe(true);
  });

  it('is wrapped in the same turn of the event loop', () => {
    const instance = unattached();
    new QuiqupAxiosInterceptor(authorizing()).attach(instance);
    void instance.get('/orders');
    expect(adapter.wrapped).toHaveLength(1);
  });
});

const serviceWith = (own: object): QuiqupHttpService =>
  new QuiqupHttpService(
    createQuiqupAuthConfig({ environment: 'staging', clientId: 'id', clientSecret: 'secret', ...own }),
    authorizing(),
  );

const proxyOf = (baseUrl: string, http = {}): unknown =>
  serviceWith({ environment: undefined, baseUrl, http }).axiosRef.defaults.proxy;

describe('QuiqupHttpService', () => {
  it('has both APIs, with the options of both and the interceptors of each', async () => {
    const service = serviceWith({ http: { timeout: 1_234, headers: { 'X-App': 'mine' } } });
    const apis = [service, service.lastMile];
    expect(apis.map(({ axiosRef }) => [axiosRef.defaults.baseURL, axiosRef.defaults.timeout])).toEqual([
      ['https://platform-api.staging.quiqup.com/', 1_234],
      ['https://api.staging.quiqup.com/', 1_234],
    ]);
    expect(await Promise.all(apis.map(({ axiosRef }) => isWrapped(axiosRef)))).toEqual([true, true]);
    expect(adapter.wrapped.map(({ headers }) => String(headers['X-App']))).toEqual(['mine', 'mine']);
    expect(service.lastMile).toBe(service.lastMile);
    expect(service.lastMile.axiosRef).not.toBe(service.axiosRef);
  });

  it('has no last-mile API on the mock', () => {
    const service = serviceWith({ environment: 'mock' });
    expect(service.axiosRef.defaults.baseURL).toContain('http');
    expect(() => service.lastMile).toThrow(expect.objectContaining({ code: 'QUIQUP_CONFIG_INVALID' }));
  });

  it('cancels a call for a stream that is unsubscribed before there is one, unless its caller has a token for that', async () => {
    const service = serviceWith({});
    adapter.answer = () => new Promise(() => undefined);
    const own = axios.CancelToken.source().token;
    for (const config of [{ responseType: 'stream' as const }, { responseType: 'stream' as const, cancelToken: own }]) {
      service.get('/label', config).subscribe().unsubscribe();
    }
    await Promise.resolve();
    expect(adapter.wrapped.map(({ cancelToken }) => cancelToken?.reason !== undefined)).toEqual([true, false]);
  });

  it('goes around the proxy of the environment over plain http:, unless the options name one', () => {
    expect([
      proxyOf('http://localhost:1/'),
      proxyOf('http://localhost:1/', { proxy: { host: 'proxy', port: 1 } }),
      proxyOf('https://platform-api.quiqup.com/'),
    ]).toEqual([false, { host: 'proxy', port: 1 }, undefined]);
  });
});
