import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';

type CreatePristine = typeof import('../lib/http/pristine-axios.js').createPristineAxios;

let received: InternalAxiosRequestConfig;
let body: unknown;
const answering: AxiosAdapter = (config) => {
  received = config;
  return Promise.resolve({ status: 200, statusText: '', headers: {}, data: body, config });
};

/** The application's changes to all of axios. */
const spoilt: Partial<typeof axios.defaults> = {
  timeout: 1,
  baseURL: 'https://elsewhere.example/',
  auth: { username: 'a', password: 'b' },
  maxRedirects: 0,
  validateStatus: () => false,
  params: { a: 1 },
};
const before = { ...axios.defaults };

let createPristineAxios: CreatePristine;
beforeAll(async () => {
  // Thrown away, so that it has to do without those of axios.
  Object.assign(axios.defaults, spoilt, { transformRequest: [], transformResponse: undefined });
  ({ createPristineAxios } = await import('../lib/http/pristine-axios.js'));
});
afterAll(() => void Object.assign(axios.defaults, before));

const instanceWith = (own: object = {}): AxiosInstance => createPristineAxios({ adapter: answering, ...own });

describe('An axios instance of the module', () => {
  it('has what axios comes with, and nothing of axios.defaults, whenever they change', async () => {
    const instance = instanceWith({ baseURL: 'https://api.example/' });
    axios.defaults.headers.common['X-Late'] = 'late';
    const { headers, ...others } = instance.defaults;
    delete axios.defaults.headers.common['X-Late'];
    expect(others).toMatchObject({
      baseURL: 'https://api.example/',
      timeout: 0,
      xsrfCookieName: 'XSRF-TOKEN',
      xsrfHeaderName: 'X-XSRF-TOKEN',
      maxContentLength: -1,
      maxBodyLength: -1,
      transitional: {
        silentJSONParsing: true,
        forcedJSONParsing: true,
        clarifyTimeoutError: false,
        legacyInterceptorReqResOrdering: true,
      },
    });
    expect(Object.keys(spoilt).filter((name) => name in others)).toEqual(['timeout', 'baseURL', 'validateStatus']);
    expect(headers).toEqual({
      common: { Accept: 'application/json, text/plain, */*' },
      delete: {},
      get: {},
      head: {},
      options: {},
      patch: {},
      post: {},
      put: {},
    });
    expect(createPristineAxios({}).defaults.adapter).toEqual(before.adapter);
    body = '{}';
    expect((await instance.get('/orders')).status).toBe(200);
    expect(String(received.headers['Accept'])).toBe('application/json, text/plain, */*');
  });

  it.each([
    [199, false],
    [200, true],
    [299, true],
    [300, false],
  ])('takes a status as axios does: %d', (status, isTaken) => {
    expect(instanceWith().defaults.validateStatus?.(status)).toBe(isTaken);
  });

  it('has the options that it is given', () => {
    const { defaults } = instanceWith({ timeout: 5, headers: { 'X-App': 'mine' } });
    expect([defaults.timeout, defaults.headers['X-App']]).toEqual([5, 'mine']);
  });
});

describe('Without the transformers of axios', () => {
  it.each<[string, unknown, unknown, string | undefined]>([
    ['an object is sent as JSON', { a: 1 }, '{"a":1}', 'application/json'],
    ['a list is sent as JSON', [1], '[1]', 'application/json'],
    [
      'parameters are sent as a form',
      new URLSearchParams({ a: '1 2' }),
      'a=1+2',
      'application/x-www-form-urlencoded;charset=utf-8',
    ],
    ['a text is sent as it is', 'a text', 'a text', 'application/x-www-form-urlencoded'],
    ['bytes are sent as they are', Buffer.from('a'), Buffer.from('a'), 'application/x-www-form-urlencoded'],
  ])('%s', async (_, data, sent, type) => {
    body = '';
    await instanceWith().post('/orders', data);
    expect(received.data).toEqual(sent);
    expect(String(received.headers['Content-Type'])).toBe(type);
  });

  it('nothing is sent as nothing', async () => {
    await instanceWith().post('/orders');
    expect([received.data, received.headers['Content-Type']]).toEqual([undefined, 'application/x-www-form-urlencoded']);
    await instanceWith().post('/orders', null);
    expect(received.data).toBeNull();
  });

  it('a type that the call names stays', async () => {
    const headers = { 'Content-Type': 'application/vnd.quiqup+json' };
    await instanceWith().post('/orders', { a: 1 }, { headers });
    expect(received.headers['Content-Type']).toBe('application/vnd.quiqup+json');
  });

  it.each<[string, unknown, object, unknown]>([
    ['JSON', '{"a":1}', {}, { a: 1 }],
    ['JSON, asked for', '{"a":1}', { responseType: 'json' }, { a: 1 }],
    ['a text, asked for', '{"a":1}', { responseType: 'text' }, '{"a":1}'],
    ['what is no JSON', 'a text', {}, 'a text'],
    ['an empty text', '', {}, ''],
    ['bytes', Buffer.from('1'), {}, Buffer.from('1')],
  ])('the body is %s', async (_, text, config, data) => {
    body = text;
    expect((await instanceWith().get('/orders', config)).data).toEqual(data);
  });
});
