import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  QUIQUP_AUTH_CONFIG,
  quiqupAuthOptionsFromEnv,
  QuiqupAccounts,
  QuiqupAuthModule,
  QuiqupHttpService,
  QuiqupTokenService,
  type QuiqupAuthConfig,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { eventually } from './support/eventually.js';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

const PATH = '/api/fulfilment/orders';

let simulator: QuiqupSimulator;
let app: TestingModule | undefined;
const before = { ...process.env };

beforeEach(async () => {
  simulator = await new QuiqupSimulator().start();
});
afterEach(async () => {
  process.env = { ...before };
  await app?.close();
  app = undefined;
  await simulator.stop();
});

async function boot(...imports: (Type | DynamicModule | Promise<DynamicModule>)[]): Promise<TestingModule> {
  app = await Test.createTestingModule({ imports }).setLogger(new RecordedLog()).compile();
  await app.init();
  return app;
}

const options = () => ({ baseUrl: simulator.url, ...simulator.clients[0] });

describe('A module that is loaded lazily', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(() => redis.stop());

  const connections = async (): Promise<number> =>
    (await redis.command('CLIENT', 'LIST')).split('\n').filter((line) => line !== '' && !line.includes('cmd=client'))
      .length;

  it('renews ahead of time, and leaves nothing open behind the application', async () => {
    const booted = await boot();
    const loader = booted.get(LazyModuleLoader, { strict: false });
    const cache = { redis: redis.url };
    const loaded = await loader.load(() => QuiqupAuthModule.forRoot({ ...options(), cache }));
    const { status } = await loaded.get(QuiqupHttpService).axiosRef.get(PATH);
    expect([status, await connections()]).toEqual([200, 1]);
    await booted.close();
    await eventually(async () => (await connections()) === 0, 'the connection is closed');
    await expect(loaded.get(QuiqupTokenService).refresh()).rejects.toMatchObject({ code: 'QUIQUP_SHUT_DOWN' });
  });

  it('leaves nothing open of accounts from a database', async () => {
    const booted = await boot();
    const cache = { redis: redis.url };
    const loaded = await booted
      .get(LazyModuleLoader, { strict: false })
      .load(() =>
        QuiqupAuthModule.forAccounts({ baseUrl: simulator.url, cache, resolveCredentials: () => simulator.clients[0] }),
      );
    const accounts = loaded.get(QuiqupAccounts);
    const { http } = await accounts.get('a');
    expect((await http.axiosRef.get(PATH)).status).toBe(200);
    await booted.close();
    await eventually(async () => (await connections()) === 0, 'the connection is closed');
    await expect(accounts.get('a')).rejects.toMatchObject({ code: 'QUIQUP_SHUT_DOWN' });
  });
});

describe('The class without forRoot', () => {
  it('is told what to import', async () => {
    await expect(boot(QuiqupAuthModule)).rejects.toMatchObject({
      code: 'QUIQUP_CONFIG_INVALID',
      message: expect.stringMatching(/QuiqupAuthModule\.forRoot\(\)/),
    });
  });

  it('is told so in a feature module as well, before what it lacks', async () => {
    @Injectable()
    class Orders {
      readonly calls = 0;
    }
    @Module({ imports: [QuiqupAuthModule], providers: [Orders] })
    class Feature {}
    await expect(boot(Feature)).rejects.toThrow(/forRoot/);
  });

  it('does nothing where it is registered elsewhere', async () => {
    @Module({ imports: [QuiqupAuthModule] })
    class Feature {}
    for (const imports of [
      [Feature, QuiqupAuthModule.forRoot(options())],
      [QuiqupAuthModule.forRoot({ ...options(), name: 'dubai' }), QuiqupAuthModule],
    ]) {
      const booted = await boot(...imports);
      await booted.close();
    }
  });
});

const environment = () => ({
  QUIQUP_BASE_URL: simulator.url,
  QUIQUP_CLIENT_ID: simulator.clients[0].clientId,
  QUIQUP_CLIENT_SECRET: simulator.clients[0].clientSecret,
});

@Module({})
class DotEnv {}

/** As `ConfigModule` does: it reads `.env` when it is registered. */
async function readDotEnv(): Promise<DynamicModule> {
  await Promise.resolve();
  Object.assign(process.env, environment());
  return { module: DotEnv };
}

describe('Without options', () => {
  it.each(['before', 'behind'])('forRoot reads what a module %s it has put into the environment', async (where) => {
    const own = QuiqupAuthModule.forRoot();
    const booted = await boot(...(where === 'before' ? [readDotEnv(), own] : [own, readDotEnv()]));
    expect((await booted.get(QuiqupHttpService, { strict: false }).axiosRef.get(PATH)).status).toBe(200);
  });

  it('forRoot names the variables that are missing', async () => {
    Object.assign(process.env, { ...environment(), QUIQUP_CLIENT_SECRET: '', QUIQUP_BASE_URL: '' });
    await expect(boot(QuiqupAuthModule.forRoot())).rejects.toMatchObject({
      problems: [
        { path: 'QUIQUP_CLIENT_SECRET', problem: expect.stringMatching(/required/) },
        { path: 'QUIQUP_ENVIRONMENT', problem: expect.stringMatching(/or give QUIQUP_BASE_URL/) },
      ],
    });
  });

  it.each<[string, () => Parameters<typeof quiqupAuthOptionsFromEnv>[0]]>([
    ['a record', () => environment()],
    ['a Map', () => new Map(Object.entries(environment()))],
    ['a ConfigService', () => ({ get: (name: string) => new Map(Object.entries(environment())).get(name) })],
    ['an environment with a variable of that name', () => ({ ...environment(), get: 'x' })],
  ])('quiqupAuthOptionsFromEnv reads %s', async (_what, env) => {
    const booted = await boot(QuiqupAuthModule.forRoot(quiqupAuthOptionsFromEnv(env())));
    expect(booted.get<QuiqupAuthConfig>(QUIQUP_AUTH_CONFIG, { strict: false }).baseUrl).toBe(simulator.url);
  });
});

it('The name of an account in what useFactory returns is told where it belongs', async () => {
  const returned = { ...options(), name: 'dubai', isGlobal: false };
  await expect(boot(QuiqupAuthModule.forRootAsync({ useFactory: () => returned }))).rejects.toMatchObject({
    problems: [
      { path: 'name', problem: expect.stringMatching(/beside useFactory/) },
      { path: 'isGlobal', problem: expect.stringMatching(/beside useFactory/) },
    ],
  });
});
