import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type InternalAxiosRequestConfig } from 'axios';
import { TrustedOrigins } from '../lib/http/trusted-origins.js';

const GATEWAY = 'https://gateway.example';
const LOOPBACK = 'http://127.0.0.1:8080';
const FOREIGN = 'https://elsewhere.example';

const origins = new TrustedOrigins([GATEWAY, LOOPBACK]);
const trusts = (config: object, by = origins): boolean =>
  by.trusts({ headers: {}, ...config } as InternalAxiosRequestConfig);

describe('An absolute URL is trusted by its origin', () => {
  it.each([GATEWAY, `${GATEWAY}/orders`, 'HTTPS://GATEWAY.example:443/', `${LOOPBACK}/a?b#c`])('%s', (url) => {
    expect(origins.trustsUrl(url)).toBe(true);
  });

  it.each([
    FOREIGN,
    'http://gateway.example',
    `${GATEWAY}:8443`,
    'https://own@gateway.example',
    'https://gateway.example.elsewhere.example',
    'http://127.0.0.1',
    '/orders',
    '',
    'not a url',
  ])('and not: %j', (url) => {
    expect(origins.trustsUrl(url)).toBe(false);
  });
});

describe('A call is trusted by the URL that axios makes of it', () => {
  it.each<[object, boolean]>([
    [{ url: '/orders', baseURL: GATEWAY }, true],
    [{ url: 'orders', baseURL: GATEWAY }, true],
    [{ url: 'orders/1', baseURL: GATEWAY }, true],
    [{ url: 'orders?a=1', baseURL: GATEWAY }, true],
    [{ url: 'orders#a', baseURL: GATEWAY }, true],
    [{ url: '', baseURL: GATEWAY }, true],
    [{ baseURL: GATEWAY }, true],
    [{ baseURL: FOREIGN }, false],
    [{ url: `${GATEWAY}/orders` }, true],
    [{ url: `${GATEWAY}/orders`, baseURL: FOREIGN }, true],
    [{ url: `${FOREIGN}/orders`, baseURL: GATEWAY }, false],
    [{ url: `${FOREIGN}/orders`, baseURL: GATEWAY, allowAbsoluteUrls: true }, false],
    [{ url: `${FOREIGN}/orders`, baseURL: GATEWAY, allowAbsoluteUrls: false }, true],
    [{ url: `${GATEWAY}/orders`, baseURL: FOREIGN, allowAbsoluteUrls: false }, false],
    [{ url: '/orders', baseURL: FOREIGN }, false],
    [{ url: 'orders', baseURL: 'https://gateway.example@elsewhere.example/' }, false],
    [{ url: '//elsewhere.example/orders', baseURL: GATEWAY }, false],
    [{ url: '//gateway.example/orders', baseURL: FOREIGN }, false],
    [{ url: '.elsewhere.example/', baseURL: GATEWAY }, true],
    [{ url: '@elsewhere.example/', baseURL: GATEWAY }, true],
    [{ url: '/orders' }, false],
    [{ url: 'orders' }, false],
    [{}, false],
    [{ url: `${GATEWAY}/orders`, params: { at: `@${FOREIGN}` } }, true],
  ])('%j: %j', (config, isTrusted) => {
    expect(trusts(config)).toBe(isTrusted);
    expect(trusts(config, new TrustedOrigins([GATEWAY]))).toBe(isTrusted);
  });

  it('without types: a URL object is judged as what it is, and as a base it is as wrong as axios says', () => {
    expect(trusts({ url: new URL(`${GATEWAY}/orders`) })).toBe(true);
    expect(trusts({ url: new URL(`${FOREIGN}/orders`) })).toBe(false);
    expect(() => trusts({ url: '/orders', baseURL: new URL(GATEWAY) })).toThrow(TypeError);
  });

  it.each([0, 1, '', 'false', {}])('neither yes nor no to absolute URLs gets no token: %j', (allowAbsoluteUrls) => {
    expect(trusts({ url: `${GATEWAY}/orders`, baseURL: GATEWAY, allowAbsoluteUrls })).toBe(false);
    expect(trusts({ url: `${GATEWAY}/orders`, baseURL: GATEWAY, allowAbsoluteUrls: null })).toBe(true);
  });

  it('the same each time, however many base URLs there are', () => {
    const many = Array.from({ length: 40 }, (_none, index) => `https://host-${index}.example`);
    const half = new TrustedOrigins(many.filter((_url, index) => index % 2 === 0));
    for (let round = 0; round < 2; round += 1) {
      const verdicts = many.flatMap((baseURL) => [0, 1].map(() => trusts({ url: '/orders', baseURL }, half)));
      expect(verdicts).toEqual(many.flatMap((_url, index) => [index % 2 === 0, index % 2 === 0]));
    }
  });

  it('whatever axios.defaults are', () => {
    const { baseURL, allowAbsoluteUrls } = axios.defaults;
    Object.assign(axios.defaults, { baseURL: GATEWAY, allowAbsoluteUrls: false });
    try {
      expect(trusts({ url: '/orders' })).toBe(false);
      expect(trusts({ url: `${FOREIGN}/orders`, baseURL: GATEWAY })).toBe(false);
    } finally {
      Object.assign(axios.defaults, { baseURL, allowAbsoluteUrls });
    }
  });
});

describe('Most calls, a path under a base URL that was judged before,', () => {
  const { URL } = globalThis;
  let parsed: number;
  beforeEach(() => {
    parsed = 0;
    globalThis.URL = class extends URL {
      constructor(url: string | URL, base?: string | URL) {
        parsed += 1;
        super(url, base);
      }
    };
  });
  afterEach(() => {
    globalThis.URL = URL;
  });

  /** How many URLs are taken apart for a call like one that was judged before. */
  function parsedFor(config: object, by = new TrustedOrigins([GATEWAY])): number {
    const verdict = trusts(config, by);
    parsed = 0;
    expect(trusts(config, by)).toBe(verdict);
    return parsed;
  }

  it.each(['/', '/orders', '/orders/1', 'orders', 'or-ders', 'orders/1', 'orders?a=1', 'orders#a'])(
    'take no URL apart, for that costs a tenth of a call: %j',
    (url) => {
      expect(parsedFor({ url, baseURL: GATEWAY })).toBe(0);
    },
  );

  it.each(['', '//orders', '.orders', '@orders', 'orders:1', 'orders@1', 'orders%1', '\torders', ' orders', '-\\a'])(
    'are told from what is no plain path: %j',
    (url) => {
      expect(parsedFor({ url, baseURL: GATEWAY })).toBeGreaterThan(0);
    },
  );

  it('are remembered for sixteen base URLs, so that they cannot fill the memory', () => {
    const bases = Array.from({ length: 17 }, (_none, index) => `${GATEWAY}/${index}`);
    const remembering = new TrustedOrigins([GATEWAY]);
    const judge = (baseURL: string): number => {
      parsed = 0;
      expect(trusts({ url: '/orders', baseURL }, remembering)).toBe(true);
      return parsed;
    };
    expect(bases.slice(0, 16).map(judge)).toEqual(Array.from({ length: 16 }, () => 1));
    expect(bases.slice(0, 16).map(judge)).toEqual(Array.from({ length: 16 }, () => 0));
    expect(judge(bases[16] as string)).toBe(1);
    expect([judge(bases[16] as string), judge(bases[0] as string)]).toEqual([0, 1]);
  });
});
