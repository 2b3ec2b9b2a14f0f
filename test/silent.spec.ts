import { afterEach, describe, expect, it } from '@jest/globals';
import { Module, type DynamicModule } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { createCache } from 'cache-manager';
import {
  QUIQUP_AUTH_CONFIG,
  QuiqupAuthModule,
  QuiqupAxiosInterceptor,
  QuiqupConfigError,
  QuiqupHealthIndicator,
  QuiqupHttpService,
  QuiqupTokenService,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleOptions,
} from 'nestjs-quiqup-auth';
import { Agent } from 'node:https';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { createQuiqupAuthConfig } from '../lib/config/index.js';
import { isReachable, waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';

const ID = 'canary-of-the-client-id';
const SECRET = 'canary-of-the-client-secret';
const OPTIONS: QuiqupAuthModuleOptions = {
  environment: 'production',
  clientId: ID,
  clientSecret: SECRET,
  warmUp: 'off',
  refresh: { enabled: false },
};

/** The output of a console, a debugger's log and common loggers for a value. */
function logged(value: unknown): string {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const console = new Console(stream);
  console.log(value, [value], { value });
  console.dir(value, { depth: null, showHidden: true });
  return text + format('%o %O %s', value, value, value) + inspect(value, { depth: null, getters: true });
}

let app: TestingModule | undefined;
afterEach(() => app?.close());

class OptionsFactory {
  createQuiqupAuthOptions(): QuiqupAuthModuleOptions {
    return { ...OPTIONS };
  }
}

@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

describe('The credentials given to the module', () => {
  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => QuiqupAuthModule.forRoot({ ...OPTIONS })],
    ['forRoot with a name', () => QuiqupAuthModule.forRoot({ ...OPTIONS, name: 'dubai' })],
    ['useFactory', () => QuiqupAuthModule.forRootAsync({ useFactory: () => ({ ...OPTIONS }) })],
    ['an async useFactory', () => QuiqupAuthModule.forRootAsync({ useFactory: () => Promise.resolve({ ...OPTIONS }) })],
    ['useClass', () => QuiqupAuthModule.forRootAsync({ useClass: OptionsFactory })],
    ['useExisting', () => QuiqupAuthModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory })],
  ])('are nowhere to be read in the application or its module (%s)', async (_form, register) => {
    const module = register();
    expect([...waysTo(SECRET, module), ...waysTo(ID, module)]).toEqual([]);
    app = await Test.createTestingModule({ imports: [module] }).compile();
    await app.init();
    expect([isReachable(SECRET, app), isReachable(ID, app)]).toEqual([false, false]);
  });
});

describe('What applications inject', () => {
  it.each([QUIQUP_AUTH_CONFIG, QuiqupTokenService, QuiqupHttpService, QuiqupAxiosInterceptor, QuiqupHealthIndicator])(
    'shows no credential and no token: %p',
    async (provider) => {
      const quiqup = await QuiqupApp.start({ simulator: { refreshTokens: true } });
      try {
        const injected: unknown = quiqup.app.get(provider);
        await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
        await quiqup.tokens.refresh();
        const { clientId, clientSecret } = quiqup.simulator.clients[0];
        const shown = logged(injected);
        for (const secret of [clientId, clientSecret, quiqup.tokens.peek() as string]) {
          expect(waysTo(secret, injected)).toEqual([]);
          expect(shown).not.toContain(secret);
        }
      } finally {
        await quiqup.stop();
      }
    },
  );

  it('is all that could: no other object of the module shows a token when it is printed', async () => {
    const quiqup = await QuiqupApp.start({ simulator: { refreshTokens: true } });
    try {
      await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
      await quiqup.tokens.refresh();
      const modules = [...quiqup.app.get(ModulesContainer).values()];
      const ours = modules.find(({ metatype }) => metatype === QuiqupAuthModule);
      // The module itself and Nest's own objects lead to the container and from there to all applications of the process.
      const providers = [...(ours?.providers.values() ?? [])].filter(({ inject }) => inject !== undefined);
      expect(providers.length).toBeGreaterThan(10);
      const shown = inspect(
        providers.map((provider) => provider.instance),
        { depth: null, showHidden: true },
      );
      expect(shown).not.toContain(quiqup.tokens.peek());
    } finally {
      await quiqup.stop();
    }
  });

  it('a token with what is known of it shows its fingerprint alone', async () => {
    const quiqup = await QuiqupApp.start();
    try {
      const token = await quiqup.tokens.getToken();
      const shown = logged(token) + JSON.stringify({ token, copy: Object.assign({}, token) });
      expect(shown).not.toContain(token.accessToken);
      expect(shown).toContain(token.fingerprint);
    } finally {
      await quiqup.stop();
    }
  });

  it('the config shows no password of Redis, and nothing of what axios was given', () => {
    const config: QuiqupAuthConfig = createQuiqupAuthConfig({
      ...OPTIONS,
      cache: { redis: 'rediss://canary:canary@redis.example:6380/1?password=canary' },
      http: {
        timeout: 5_000,
        maxRedirects: 0,
        httpsAgent: new Agent({ passphrase: 'canary' }),
        headers: { 'X-Api-Key': 'canary' },
        proxy: { host: 'proxy.example', port: 3128, auth: { username: 'canary', password: 'canary' } },
      },
    });
    const shown = [logged(config), JSON.stringify(config)];
    for (const part of [config.cache, config.http]) {
      const table: string[] = [];
      const toTable = new Console(
        new Writable({ write: (chunk, _encoding, next) => next(void table.push(String(chunk))) }),
      );
      toTable.table(part);
      toTable.table([part]);
      toTable.dir(part, { depth: null, showHidden: true });
      const inherited: unknown[] = [];
      for (const name in part) {
        inherited.push(Reflect.get(part, name));
      }
      shown.push(...table, JSON.stringify([{ ...part }, Object.entries(part), Object.assign({}, part), inherited]));
    }
    expect(shown.join()).not.toMatch(/canary/);
    expect(JSON.parse(JSON.stringify(config))).toMatchObject({
      cache: { redis: 'rediss://redis.example:6380/1' },
      http: { timeout: 5_000, maxRedirects: 0, httpsAgent: '[set]', headers: '[set]', proxy: '[set]' },
    });
    expect(config.cache.redis).toContain('canary');
    expect(config.http).toMatchObject({ proxy: { auth: { username: 'canary' } } });
  });

  it('the config shows nothing of a cache that the application passed', () => {
    const store = Object.assign(createCache(), { password: 'canary' });
    const config = createQuiqupAuthConfig({ ...OPTIONS, cache: { store } });
    expect(logged(config) + JSON.stringify(config)).not.toMatch(/canary/);
    expect(config.cache.store).toBe(store);
  });
});

describe('An error', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a secret with a line break', { clientSecret: `${SECRET}\n` }],
    ['a secret of another type', { clientSecret: { value: SECRET } }],
    ['a secret under another name', { client_secret: SECRET, clientSecret: undefined }],
    ['a password in baseUrl', { environment: undefined, baseUrl: `https://user:${SECRET}@quiqup.example` }],
    ['a secret in the query of baseUrl', { environment: undefined, baseUrl: `https://quiqup.example?key=${SECRET}` }],
    ['a password in trustedOrigins', { trustedOrigins: [`https://user:${SECRET}@quiqup.example`] }],
    ['a password in the URL of a wrong Redis', { cache: { redis: `http://:${SECRET}@redis.example` } }],
    ['a password in a URL of Redis that is none', { cache: { redis: `redis://:${SECRET}@:::` } }],
    ['credentials for axios', { http: { auth: { username: 'user', password: SECRET } } }],
    ['an Authorization header', { http: { headers: { Authorization: `Bearer ${SECRET}` } } }],
    ['an environment', { environment: SECRET }],
    ['a number', { timeouts: { wait: SECRET } }],
  ])('about wrong options does not quote them: %s', (_what, wrong) => {
    let error: unknown;
    try {
      createQuiqupAuthConfig({ ...OPTIONS, ...wrong });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(QuiqupConfigError);
    expect(waysTo(SECRET, error)).toEqual([]);
    expect(logged(error)).not.toContain(SECRET);
  });

  it.each<[string, () => string | Promise<string>]>([
    [
      'throws',
      () => {
        throw Object.assign(new Error(SECRET), { secret: SECRET });
      },
    ],
    ['rejects', () => Promise.reject(new Error(SECRET))],
    ['returns something else', () => ({ SECRET }) as unknown as string],
  ])('of a credential whose function %s shows nothing of it, nor do log and events', async (_how, clientSecret) => {
    const quiqup = await QuiqupApp.start({ module: { clientSecret } });
    try {
      const error: unknown = await quiqup.tokens.getAccessToken().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'QUIQUP_CREDENTIALS_UNAVAILABLE' });
      expect(waysTo(SECRET, [error, quiqup.events, quiqup.log.lines])).toEqual([]);
    } finally {
      await quiqup.stop();
    }
  });
});
