import { describe, expect, it, jest } from '@jest/globals';
import { createClient, createCluster, createKeyv } from '@keyv/redis';
import { Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import {
  QUIQUP_AUTH_CONFIG,
  QuiqupAuthModule,
  QuiqupConfigError,
  QuiqupHttpService,
  QuiqupTokenService,
  quiqupAuthOptionsFromEnv,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleAsyncOptions,
  type QuiqupAuthModuleOptions,
  type QuiqupAuthOptionsFactory,
} from 'nestjs-quiqup-auth';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';

const ENOUGH: QuiqupAuthModuleOptions = {
  environment: 'staging',
  clientId: 'an-id',
  clientSecret: 'a-secret',
  warmUp: 'off',
};

async function configOf(options: unknown): Promise<QuiqupAuthConfig> {
  const module = await Test.createTestingModule({
    imports: [QuiqupAuthModule.forRoot(options as QuiqupAuthModuleOptions)],
  }).compile();
  return module.get<QuiqupAuthConfig>(QUIQUP_AUTH_CONFIG);
}

async function problemsOf(options: unknown): Promise<Record<string, string>> {
  const error = await configOf(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QuiqupConfigError);
  return Object.fromEntries((error as QuiqupConfigError).problems.map(({ path, problem }) => [path, problem]));
}

describe('The options', () => {
  it('get every default', async () => {
    const config = await configOf(ENOUGH);
    expect([config.cache.redis, config.cache.store, config.cache.sealingKeys()]).toEqual([undefined, undefined, []]);
    expect(config).toEqual({
      environment: 'staging',
      baseUrl: 'https://platform-api.staging.quiqup.com/',
      lastMileUrl: 'https://api.staging.quiqup.com/',
      tokenUrl: 'https://platform-api.staging.quiqup.com/oauth/token',
      trustedOrigins: ['https://platform-api.staging.quiqup.com', 'https://api.staging.quiqup.com'],
      clientId: expect.any(Function),
      clientSecret: expect.any(Function),
      // Not enumerable: they may hold a password.
      cache: {},
      http: {},
      refresh: { enabled: true, ahead: 0.2, jitter: 0.05, margin: 0.1 },
      timeouts: { tokenRequest: 5_000, lock: 6_000, wait: 10_000, store: 1_000 },
      assumedLifetime: 3_600,
      warmUp: 'off',
    });
  });

  it('are frozen', async () => {
    const config = await configOf(ENOUGH);
    for (const frozen of [config, config.refresh, config.timeouts, config.cache, config.http, config.trustedOrigins]) {
      expect(Object.isFrozen(frozen)).toBe(true);
    }
  });

  it.each([
    [
      'production',
      {
        baseUrl: 'https://platform-api.quiqup.com/',
        lastMileUrl: 'https://api-ae.quiqup.com/',
        tokenUrl: 'https://platform-api.quiqup.com/oauth/token',
        trustedOrigins: ['https://platform-api.quiqup.com', 'https://api-ae.quiqup.com', 'https://api.quiqup.com'],
      },
    ],
    [
      'mock',
      {
        baseUrl: 'https://developer-docs.quiqup.com/_mock/openapi/',
        lastMileUrl: undefined,
        tokenUrl: 'https://developer-docs.quiqup.com/_mock/auth/oauth/token',
        trustedOrigins: ['https://developer-docs.quiqup.com'],
      },
    ],
  ] as const)('know the hosts of %s', async (environment, addresses) => {
    expect(await configOf({ ...ENOUGH, environment })).toMatchObject(addresses);
  });

  it('keep the path prefix of baseUrl, trust its origin alone and look for both APIs there', async () => {
    const config = await configOf({
      ...ENOUGH,
      environment: undefined,
      baseUrl: 'https://gateway.example:8443/quiqup',
    });
    expect(config).toMatchObject({
      baseUrl: 'https://gateway.example:8443/quiqup/',
      lastMileUrl: 'https://gateway.example:8443/quiqup/',
      tokenUrl: 'https://gateway.example:8443/quiqup/oauth/token',
      trustedOrigins: ['https://gateway.example:8443'],
    });
  });

  it('take a last-mile API at another address, and trust it', async () => {
    const addresses = { baseUrl: 'https://gateway.example', lastMileUrl: 'http://localhost:4011/last-mile' };
    expect(await configOf({ ...ENOUGH, environment: undefined, ...addresses })).toMatchObject({
      lastMileUrl: 'http://localhost:4011/last-mile/',
      tokenUrl: 'https://gateway.example/oauth/token',
      trustedOrigins: ['https://gateway.example', 'http://localhost:4011'],
    });
  });

  it.each([
    ['a host of the environment', 'production', 'https://api.quiqup.com', []],
    ['an origin that is trusted', 'staging', 'https://last-mile.example/api', ['https://last-mile.example']],
  ] as const)('take %s for the last mile', async (_name, environment, lastMileUrl, trustedOrigins) => {
    const config = await configOf({ ...ENOUGH, environment, lastMileUrl, trustedOrigins });
    expect(config.lastMileUrl).toBe(`${lastMileUrl}/`);
  });

  it('take further origins as the URL parser writes them', async () => {
    const trustedOrigins = ['https://Quiqup.Example:443', 'http://127.1:9000/'];
    const config = await configOf({ ...ENOUGH, environment: 'mock', trustedOrigins });
    expect(config.trustedOrigins.slice(1)).toEqual(['https://quiqup.example', 'http://127.0.0.1:9000']);
  });

  it('take a cache of the application, bare or as store', async () => {
    const cache = createCache();
    expect((await configOf({ ...ENOUGH, cache })).cache.store).toBe(cache);
    expect((await configOf({ ...ENOUGH, cache: { store: cache } })).cache.store).toBe(cache);
  });

  it('count undefined and empty strings as left out', async () => {
    const options = { ...ENOUGH, baseUrl: '', cache: { redis: '' }, http: undefined, refresh: { ahead: undefined } };
    expect(await configOf(options)).toMatchObject({ cache: { redis: undefined }, refresh: { ahead: 0.2 } });
  });

  it('hold no credential that could be printed', async () => {
    const config = await configOf({ ...ENOUGH, clientSecret: 'canary-secret' });
    expect(JSON.stringify(config)).not.toContain('canary');
    expect(await config.clientSecret()).toBe('canary-secret');
  });
});

describe('Wrong options', () => {
  it('are reported all at once, each with its path and never with its value', async () => {
    const problems = await problemsOf({
      environment: 'canary',
      clientId: 'canary\n',
      clientSecret: ['canary'],
      clientSecrets: 'canary',
      trustedOrigins: ['https://canary.example/path', 'http://canary.example'],
      cache: { redis: 'https://canary', sealingKey: ['canary'] },
      http: { auth: { username: 'canary', password: 'canary' }, headers: { common: { authorization: 'canary' } } },
      refresh: { ahead: 0.1, margin: 0.1, jiter: 1 },
      timeouts: { tokenRequest: 0, lock: 9_500 },
      assumedLifetime: 0,
      warmUp: 'canary',
    });
    expect(Object.keys(problems).toSorted()).toEqual([
      'assumedLifetime',
      'cache.redis',
      'cache.sealingKey',
      'clientId',
      'clientSecret',
      'clientSecrets',
      'environment',
      'http.auth',
      'http.headers',
      'refresh.jiter',
      'refresh.margin',
      'timeouts.tokenRequest',
      'timeouts.wait',
      'trustedOrigins.0',
      'trustedOrigins.1',
      'warmUp',
    ]);
    expect(JSON.stringify(problems)).not.toContain('canary');
  });

  it('are all told where there are several in one object, with what was probably meant', async () => {
    const problems = await problemsOf({
      ...ENOUGH,
      clientID: 'canary',
      enviroment: 'canary',
      'canary key': 1,
      cache: { reddis: 'canary', sealingKeys: ['canary'] },
      refresh: { aheed: 0.1, jiter: 1 },
      timeouts: { tokenrequest: 1, retries: 2 },
    });
    expect(problems).toEqual({
      clientID: 'is not an option; did you mean clientId?',
      enviroment: 'is not an option; did you mean environment?',
      '[unnamed]': expect.stringContaining('is not an option; known here are clientId'),
      'cache.reddis': 'is not an option; did you mean redis?',
      'cache.sealingKeys': 'is not an option; did you mean sealingKey?',
      'refresh.aheed': 'is not an option; did you mean ahead?',
      'refresh.jiter': 'is not an option; did you mean jitter?',
      'timeouts.tokenrequest': 'is not an option; did you mean tokenRequest?',
      'timeouts.retries': 'is not an option; known here are tokenRequest, lock, wait, store',
    });
  });

  it.each([
    ['nothing at all', undefined],
    ['a string', 'canary'],
    ['an empty object', {}],
  ])('are found in %s', async (_name, options) => {
    expect(Object.keys(await problemsOf(options)).length).toBeGreaterThan(0);
  });

  it('say that the module needs to know where Quiqup is, once', async () => {
    const credentials = { clientId: 'an-id', clientSecret: 'a-secret' };
    expect(await problemsOf(credentials)).toEqual({ environment: expect.stringContaining('baseUrl') });
    expect(await problemsOf({ ...credentials, environment: 'mock', baseUrl: 'https://x.example' })).toEqual({
      baseUrl: expect.stringContaining('one of the two'),
    });
  });

  it.each([
    'http://platform-api.quiqup.com/',
    'http://127.0.0.1.evil.example/',
    'https://user:canary@platform-api.quiqup.com/',
    'https://platform-api.quiqup.com/?key=canary',
    'ftp://platform-api.quiqup.com/',
    'platform-api.quiqup.com',
  ])('include the base URL %s', async (baseUrl) => {
    expect(await problemsOf({ ...ENOUGH, environment: undefined, baseUrl })).toEqual({
      baseUrl: expect.not.stringContaining('canary'),
    });
  });

  it.each([
    'http://api-ae.quiqup.com/',
    'https://user:canary@api-ae.quiqup.com/',
    'https://api-ae.quiqup.com/#canary',
    'api-ae.quiqup.com',
    42,
  ])('include the last-mile URL %s', async (lastMileUrl) => {
    const addresses = { environment: undefined, baseUrl: 'https://gateway.example', lastMileUrl };
    expect(await problemsOf({ ...ENOUGH, ...addresses })).toEqual({
      lastMileUrl: expect.not.stringContaining('canary'),
    });
  });

  it.each([
    ["one of another environment's hosts", 'staging', 'https://api-ae.quiqup.com', 'trustedOrigins'],
    ['a host that nothing trusts', 'production', 'https://canary.example', 'trustedOrigins'],
    ['one beside the mock', 'mock', 'https://developer-docs.quiqup.com', 'no last-mile API'],
  ] as const)('include a last-mile URL that is %s', async (_name, environment, lastMileUrl, words) => {
    const problems = await problemsOf({ ...ENOUGH, environment, lastMileUrl });
    expect(problems).toEqual({ lastMileUrl: expect.stringContaining(words) });
    expect(JSON.stringify(problems)).not.toContain('canary');
  });

  it('include a lock that ends before the request it guards', async () => {
    expect(await problemsOf({ ...ENOUGH, timeouts: { tokenRequest: 6_000 } })).toEqual({
      'timeouts.lock': expect.stringContaining('timeouts.tokenRequest'),
    });
  });

  it('include a deadline of the store that takes up the wait', async () => {
    const words = expect.stringContaining('a quarter of timeouts.wait');
    expect(await problemsOf({ ...ENOUGH, timeouts: { store: 2_501 } })).toEqual({ 'timeouts.store': words });
    expect(await problemsOf({ ...ENOUGH, timeouts: { store: 10_000 } })).toEqual({ 'timeouts.store': words });
    expect((await configOf({ ...ENOUGH, timeouts: { store: 2_500 } })).timeouts.store).toBe(2_500);
    // The default is never too long.
    const short = { tokenRequest: 500, lock: 600, wait: 1_600 };
    expect((await configOf({ ...ENOUGH, timeouts: short })).timeouts.store).toBe(400);
  });

  it.each([
    'redis://localhost:6379/canary',
    'redis://localhost:6379/1/canary',
    'redis://localhost:6379/-1',
    'redis://localhost:6379/0x1',
    'redis://default:canary%off@localhost:6379',
    'redis://canary%zz:word@localhost:6379',
    'redis://default:canary/1@localhost:6379',
    'redis://default:12?canary@localhost:6379',
    'redis://default:12#canary@localhost:6379',
    'redis://localhost:65536',
    'redis://localhost:0',
    'redis://:canary@:6379',
    'redis://',
    'redis:localhost',
    'redis://loc%20alhost:6379',
    'redis://loc alhost:6379',
    'valkey://localhost:6379',
    'https://localhost:6379',
    'unix:///tmp/redis.sock',
    ' redis://localhost:6379',
    42,
  ])('include the URL of a Redis %p', async (redis) => {
    const error: unknown = await configOf({ ...ENOUGH, cache: { redis } }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'QUIQUP_CONFIG_INVALID', problems: [{ path: 'cache.redis' }] });
    expect(inspect(error, { depth: null })).not.toContain('canary');
  });

  it.each([
    ['redis://localhost', 'redis://localhost'],
    ['REDISS://user:p%40ss@redis.example:6380/', 'rediss://redis.example:6380'],
    ['redis://:secret@[::1]:6379/15', 'redis://[::1]:6379/15'],
    ['redis://user@redis_1.internal:6379/0', 'redis://redis_1.internal:6379/0'],
  ])('do not include the URL of a Redis %p, which is printed as %p', async (redis, printed) => {
    const config = await configOf({ ...ENOUGH, cache: { redis } });
    expect(config.cache.redis).toBe(redis);
    expect(JSON.parse(JSON.stringify(config.cache))).toMatchObject({ redis: printed });
  });

  const keyv = createKeyv('redis://localhost');
  it.each<[string, unknown]>([
    ['a client of node-redis', createClient()],
    ['a cluster of node-redis', createCluster({ rootNodes: [] })],
    ['a client like ioredis', Object.assign(new EventEmitter(), { get: jest.fn(), set: jest.fn(), del: jest.fn() })],
    ['a plain client', { get: jest.fn(), set: jest.fn(), del: jest.fn() }],
    ['a Keyv', keyv],
    ['an adapter of Keyv', keyv.store],
    ['a list', [keyv]],
    ['a promise of a cache', Promise.resolve(createCache())],
    ['a function that makes one', createCache],
    ['options of CacheModule', { stores: [keyv], ttl: 5_000, isGlobal: true }],
    ['a URL', 'redis://:canary@localhost'],
  ])('include, in one sentence, %s in place of a cache', async (_what, given) => {
    const words = expect.stringMatching(/cache of cache-manager.*createCache/);
    expect(await problemsOf({ ...ENOUGH, cache: given })).toEqual({ cache: words });
    expect(await problemsOf({ ...ENOUGH, cache: { store: given } })).toEqual({
      [typeof given === 'function' ? 'cache' : 'cache.store']: words,
    });
  });

  it('do not include a cache of another copy of cache-manager', async () => {
    const { createCache: createOther } = createRequire(import.meta.url)('cache-manager') as {
      createCache: typeof createCache;
    };
    expect(createOther).not.toBe(createCache);
    const cache = createOther({ stores: [new Keyv()] });
    expect((await configOf({ ...ENOUGH, cache })).cache.store).toBe(cache);
  });

  it('are typed and say what to correct', async () => {
    const error = await configOf({}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'QUIQUP_CONFIG_INVALID', retryable: false, name: 'QuiqupConfigError' });
    expect((error as Error).message).toContain('  - clientId: is required');
  });
});

describe('forRootAsync', () => {
  @Injectable()
  class OptionsFactory implements QuiqupAuthOptionsFactory {
    createQuiqupAuthOptions(): QuiqupAuthModuleOptions {
      return { ...ENOUGH, assumedLifetime: 60 };
    }
  }

  @Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
  class OptionsModule {}

  it.each<[string, QuiqupAuthModuleAsyncOptions]>([
    [
      'useFactory with inject',
      {
        imports: [OptionsModule],
        inject: [OptionsFactory],
        useFactory: (factory: OptionsFactory) => Promise.resolve(factory.createQuiqupAuthOptions()),
      },
    ],
    [
      'ConfigService of @nestjs/config',
      {
        imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ QUIQUP_LIFETIME: 60 })] })],
        inject: [ConfigService],
        useFactory: (env: ConfigService) => ({
          ...ENOUGH,
          assumedLifetime: env.getOrThrow<number>('QUIQUP_LIFETIME'),
          cache: { redis: env.get<string>('REDIS_URL_THAT_IS_NOT_SET') },
        }),
      },
    ],
    ['useClass', { useClass: OptionsFactory }],
    ['useExisting', { imports: [OptionsModule], useExisting: OptionsFactory }],
  ])('takes %s', async (_name, options) => {
    const module = await Test.createTestingModule({ imports: [QuiqupAuthModule.forRootAsync(options)] }).compile();
    expect(module.get<QuiqupAuthConfig>(QUIQUP_AUTH_CONFIG).assumedLifetime).toBe(60);
  });

  it('says so when it is given none of them', () => {
    expect(() => QuiqupAuthModule.forRootAsync({})).toThrow(/useFactory, useClass and useExisting/);
  });
});

describe('The module', () => {
  @Injectable()
  class Deliveries {
    constructor(
      readonly tokens: QuiqupTokenService,
      readonly quiqup: QuiqupHttpService,
    ) {}
  }

  @Module({ providers: [Deliveries] })
  class DeliveriesModule {}

  it('is global unless told otherwise', async () => {
    const module = await Test.createTestingModule({
      imports: [QuiqupAuthModule.forRoot(ENOUGH), DeliveriesModule],
    }).compile();
    expect(module.get(Deliveries, { strict: false }).quiqup).toBeInstanceOf(QuiqupHttpService);
  });

  it('is not global when told so', async () => {
    const module = Test.createTestingModule({
      imports: [QuiqupAuthModule.forRoot({ ...ENOUGH, isGlobal: false }), DeliveriesModule],
    });
    await expect(module.compile()).rejects.toThrow(/can't resolve dependencies of the Deliveries/);
  });
});

describe('quiqupAuthOptionsFromEnv', () => {
  it('reads what is set and leaves out what is empty', async () => {
    const options = quiqupAuthOptionsFromEnv({
      QUIQUP_CLIENT_ID: 'an-id',
      QUIQUP_CLIENT_SECRET: 'a-secret',
      QUIQUP_ENVIRONMENT: '',
      QUIQUP_BASE_URL: 'http://localhost:4000/prefix/',
      QUIQUP_LAST_MILE_URL: 'http://localhost:4001/',
      REDIS_URL: 'redis://localhost:6379',
    });
    const config = await configOf({ ...options, cache: undefined });
    expect(config).toMatchObject({
      environment: undefined,
      baseUrl: 'http://localhost:4000/prefix/',
      lastMileUrl: 'http://localhost:4001/',
    });
    expect(options.cache).toEqual({ redis: 'redis://localhost:6379' });
    expect(await config.clientId()).toBe('an-id');
  });

  it('leaves it to the boot to say what is missing', async () => {
    expect(Object.keys(await problemsOf(quiqupAuthOptionsFromEnv({})))).toEqual(
      expect.arrayContaining(['clientId', 'clientSecret', 'environment']),
    );
  });
});
