import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { InternalAxiosRequestConfig } from 'axios';
import { fixAddress, goesElsewhere } from '../lib/http/destination.js';

type Config = Record<string, unknown>;

const configOf = (config: Config): InternalAxiosRequestConfig =>
  ({ headers: {}, ...config }) as unknown as InternalAxiosRequestConfig;

const VARIABLES = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY'];
const before = { ...process.env };
beforeEach(() => VARIABLES.forEach((name) => Reflect.deleteProperty(process.env, name)));
afterEach(() => {
  for (const name of VARIABLES) {
    Reflect.deleteProperty(process.env, name);
    if (before[name] !== undefined) {
      process.env[name] = before[name];
    }
  }
});

interface Way {
  readonly url?: string;
  readonly socketPath?: string | null;
  readonly hasPlain?: boolean;
}

function leaves(config: Config, { url = 'https://api.example:8443/orders', socketPath, hasPlain = false }: Way = {}) {
  return goesElsewhere(configOf(config), () => (url === '' ? undefined : new URL(url)), socketPath, hasPlain);
}

describe('The address of a call', () => {
  it('is fixed as text, for an object may change while the call waits', () => {
    const url = new URL('https://api.example/orders');
    const baseURL = new URL('https://api.example/');
    const config = configOf({ url, baseURL });
    fixAddress(config);
    url.host = 'elsewhere.example';
    baseURL.host = 'elsewhere.example';
    expect(config).toMatchObject({ url: 'https://api.example/orders', baseURL: 'https://api.example/' });
  });

  it.each([[{ url: '/orders', baseURL: 'https://api' }], [{ url: null, baseURL: null }], [{}]])(
    'stays as it is: %j',
    (address) => {
      const config = configOf(address);
      fixAddress(config);
      expect(config).toEqual(configOf(address));
    },
  );
});

describe('A call goes where its URL says', () => {
  it.each<[string, Config]>([
    ['without a Host header', {}],
    ['with the Host of the URL', { headers: { Host: 'api.example:8443' } }],
    ['with it in another case', { headers: { HOST: 'API.example:8443' } }],
    ['with a Host that is none', { headers: { Host: undefined, host: null, HOST: false } }],
    ['with other headers as long', { headers: { Etag: 'elsewhere', Keep_Alive: 'x', date: 'elsewhere' } }],
    ['with no socket', { socketPath: null }],
  ])('%s', (_, config) => {
    expect(leaves(config)).toBe(false);
  });

  it("over the socket of the module's options", () => {
    expect(leaves({ socketPath: '/run/quiqup' }, { socketPath: '/run/quiqup' })).toBe(false);
  });

  it('with the default port named', () => {
    expect(leaves({ headers: { host: 'api.example:443' } }, { url: 'https://api.example/' })).toBe(false);
  });
});

describe('A call goes elsewhere', () => {
  it.each<[string, Config]>([
    ['with another Host', { headers: { Host: 'elsewhere.example' } }],
    ['with another port', { headers: { host: 'api.example' } }],
    ["with HTTP/2's own name of it", { headers: { ':authority': 'elsewhere.example' } }],
    ['with two of them', { headers: { host: ['api.example:8443', 'elsewhere.example'] } }],
    ['with a user in it', { headers: { host: 'user@api.example:8443' } }],
    ['with a path in it', { headers: { host: 'api.example:8443/a' } }],
    ['with one that is no host', { headers: { host: 'a b' } }],
    ['with an empty one', { headers: { host: '' } }],
    ['over a socket', { socketPath: '/run/other' }],
  ])('%s', (_, config) => {
    expect(leaves(config)).toBe(true);
  });

  it('over another socket than that of the options', () => {
    expect(leaves({ socketPath: '/run/other' }, { socketPath: '/run/quiqup' })).toBe(true);
  });

  it('with a Host where the URL cannot be read', () => {
    expect(leaves({ headers: { host: 'api.example' } }, { url: '' })).toBe(true);
  });
});

describe('A proxy of the environment', () => {
  const plain = { url: 'http://api.example:8080/orders', hasPlain: true };

  it.each(['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])('would see a plain call: %s', (name) => {
    expect(leaves({}, plain)).toBe(false);
    process.env[name] = 'http://proxy';
    expect(leaves({}, plain)).toBe(true);
  });

  it('does not see a call over TLS, nor one that goes to no URL', () => {
    process.env['http_proxy'] = 'http://proxy';
    expect(leaves({}, { hasPlain: true })).toBe(false);
    expect(leaves({}, { url: '', hasPlain: true })).toBe(false);
  });

  it('is not asked for where no call may be plain, nor where the call says which proxy it takes', () => {
    process.env['http_proxy'] = 'http://proxy';
    expect(leaves({}, { ...plain, hasPlain: false })).toBe(false);
    expect(leaves({ proxy: false }, plain)).toBe(false);
  });

  it.each([
    ['no_proxy', 'api.example'],
    ['NO_PROXY', 'other.example, API.example:8080'],
    ['no_proxy', 'other.example *'],
    ['no_proxy', 'other.example,,api.example'],
  ])('is passed by where %s is "%s"', (name, value) => {
    process.env['http_proxy'] = 'http://proxy';
    process.env[name] = value;
    expect(leaves({}, plain)).toBe(false);
  });

  it.each(['example', '.example', 'api.example:80', 'notapi.example', 'api', ''])(
    'is not passed by in doubt: no_proxy "%s"',
    (value) => {
      process.env['http_proxy'] = 'http://proxy';
      process.env['no_proxy'] = value;
      expect(leaves({}, plain)).toBe(true);
    },
  );

  it('is passed by as the first of the two variables says', () => {
    process.env['http_proxy'] = 'http://proxy';
    process.env['no_proxy'] = 'other.example';
    process.env['NO_PROXY'] = 'api.example';
    expect(leaves({}, plain)).toBe(true);
  });
});
