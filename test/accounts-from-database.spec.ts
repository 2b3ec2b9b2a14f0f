import { SchedulerRegistry } from '@nestjs/schedule';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  QuiqupAccounts,
  QuiqupAuthModule,
  QuiqupConfigError,
  QuiqupHttpService,
  type QuiqupAccountsEvent,
  type QuiqupAccountsModuleOptions,
  type QuiqupClientCredentials,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { inspect } from 'node:util';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

/** The application's database of merchants, which records its queries. */
class Merchants {
  readonly asked: string[] = [];
  readonly rows = new Map<string, unknown>();

  readonly find = async (accountId: string): Promise<QuiqupClientCredentials | undefined> => {
    this.asked.push(accountId);
    await Promise.resolve();
    const row = this.rows.get(accountId);
    if (row instanceof Error) {
      throw row;
    }
    return row as QuiqupClientCredentials | undefined;
  };
}

let simulator: QuiqupSimulator;
let merchants: Merchants;
let registry: SchedulerRegistry;
let log: RecordedLog;
let app: TestingModule | undefined;

function addMerchant(id: string, clientSecret = `secret of ${id}`): void {
  const credentials = { clientId: `client of ${id}`, clientSecret };
  simulator.addClient(credentials);
  merchants.rows.set(id, credentials);
}

const optionsWith = (options: Partial<QuiqupAccountsModuleOptions> = {}): QuiqupAccountsModuleOptions => ({
  baseUrl: simulator.url,
  resolveCredentials: merchants.find,
  ...options,
});

async function start(
  options: Partial<QuiqupAccountsModuleOptions> = {},
  ...imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>
): Promise<QuiqupAccounts> {
  const kept = registry;
  @Module({ providers: [{ provide: SchedulerRegistry, useValue: kept }], exports: [SchedulerRegistry] })
  class Scheduling {}
  app = await Test.createTestingModule({
    imports: [{ module: Scheduling, global: true }, QuiqupAuthModule.forAccounts(optionsWith(options)), ...imports],
  })
    .setLogger(log)
    .compile();
  await app.init();
  return app.get(QuiqupAccounts);
}

const order = async (accounts: QuiqupAccounts, id: string): Promise<number> =>
  (await (await accounts.get(id)).http.axiosRef.post('/api/fulfilment/orders', { merchant: id })).status;
const activeIds = (accounts: QuiqupAccounts): string[] => [...accounts.active].map(({ id }) => id);
const timersOf = (id: string): string[] =>
  registry.getTimeouts().filter((name) => name === `quiqup-auth:refresh:account:${id}`);

beforeEach(async () => {
  simulator = await new QuiqupSimulator().start();
  merchants = new Merchants();
  registry = new SchedulerRegistry();
  log = new RecordedLog();
});

afterEach(async () => {
  releaseClock();
  await app?.close();
  app = undefined;
  await simulator.stop();
});

describe('200 accounts on one Redis', () => {
  const IDS = Array.from({ length: 200 }, (_, index) => `merchant-${index}`);
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(() => redis.stop());

  const connections = async (): Promise<number> =>
    (await redis.command('CLIENT', 'LIST')).split('\n').filter((line) => !line.includes('cmd=client')).length;

  it('never get the token of another, cost one token request each, and one connection in all', async () => {
    IDS.forEach((id) => addMerchant(id));
    // A busy machine takes longer for so many calls at once.
    const timeouts = { tokenRequest: 30_000, lock: 31_000, wait: 60_000, store: 15_000 };
    const accounts = await start({ cache: { redis: redis.url }, timeouts });
    const calls = IDS.flatMap((id) => Array.from({ length: 5 }, () => order(accounts, id)));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([201]));

    const issued = new Map(
      simulator.calls.filter(({ kind }) => kind === 'token').map(({ clientId, token }) => [clientId, token]),
    );
    const served = simulator.calls.filter(({ kind }) => kind === 'resource');
    expect(served).toHaveLength(1_000);
    for (const { body, clientId, token } of served) {
      const { merchant } = JSON.parse(String(body)) as { merchant: string };
      expect(clientId).toBe(`client of ${merchant}`);
      expect(token).toBe(issued.get(clientId));
    }
    expect(simulator.counters.tokenRequests).toBe(200);
    expect(merchants.asked).toHaveLength(200);
    expect(await connections()).toBe(1);

    await app?.close();
    expect(await connections()).toBe(0);
    expect(registry.getTimeouts()).toEqual([]);
    expect((await redis.keys()).filter((key) => key.endsWith(':lock'))).toEqual([]);
  });

  it('lose the store and get it back with one line in the log and one event each', async () => {
    IDS.slice(0, 20).forEach((id) => addMerchant(id));
    const accounts = await start({ cache: { redis: redis.url } });
    const types: string[] = [];
    accounts.events$.subscribe(({ type }) => types.push(type));
    const perAccount: string[] = [];
    for (const id of IDS.slice(0, 20)) {
      await order(accounts, id);
      (await accounts.get(id)).tokens.events$.subscribe(({ type }) => perAccount.push(type));
    }
    await redis.kill();
    await Promise.all(IDS.slice(0, 20).map(async (id) => (await accounts.get(id)).tokens.refresh()));
    expect(types.filter((type) => type === 'store-lost')).toHaveLength(1);
    expect(perAccount.filter((type) => type === 'store-lost')).toHaveLength(20);
    await redis.restart();
    await eventually(() => types.includes('store-back'), 'the store came back');
    expect(log.lines.filter((line) => line.includes('token store'))).toHaveLength(2);
    expect(types.filter((type) => type === 'store-back')).toHaveLength(1);
  });
});

describe('An account', () => {
  it('is made once, and looked up once, however many ask for it at once', async () => {
    addMerchant('a');
    const accounts = await start();
    const got = await Promise.all(Array.from({ length: 100 }, () => accounts.get('a')));
    expect(new Set(got).size).toBe(1);
    expect(merchants.asked).toEqual(['a']);
    expect(got[0]?.http).toBe(got[1]?.http);
    expect(got[0]?.interceptor).toBe(got[1]?.interceptor);
    await Promise.all(got.map(({ http }) => http.axiosRef.get('/api/fulfilment/orders')));
    expect(merchants.asked).toEqual(['a']);
    expect(simulator.counters.tokenRequests).toBe(1);
  });

  it('is named in log and events', async () => {
    merchants.rows.set('a', { clientId: 'nobody', clientSecret: 'nothing' });
    addMerchant('b');
    const accounts = await start();
    const events: QuiqupAccountsEvent[] = [];
    accounts.events$.subscribe((event) => events.push(event));
    await expect(order(accounts, 'a')).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED' });
    await order(accounts, 'b');
    expect(log.lines.filter((line) => line.startsWith('warn [QuiqupAuth:a]'))).toHaveLength(1);
    const of = (id: string): string[] =>
      events.filter((event) => 'accountId' in event && event.accountId === id).map(({ type }) => type);
    expect(of('a')).toEqual(['token-request', 'renewal-failed']);
    expect(of('b')).toEqual(['token-request', 'acquired']);
    expect(events).toHaveLength(4);
  });

  it('has a timer of its own in the one registry, and is renewed ahead of time', async () => {
    holdClock();
    simulator.lifetime = 60;
    addMerchant('a');
    const accounts = await start();
    await order(accounts, 'a');
    expect(registry.getTimeouts()).toEqual(['quiqup-auth:refresh:account:a']);
    await turnClock(55_000);
    await eventually(() => simulator.counters.tokenRequests === 2, 'the token was renewed');
    // Before each token request except the first, which has the credentials from the account's creation.
    expect(merchants.asked).toEqual(['a', 'a']);
  });

  it('is beside those that are registered', async () => {
    addMerchant('a');
    simulator.addClient({ clientId: 'main', clientSecret: 'secret of main' });
    const main = { baseUrl: simulator.url, clientId: 'main', clientSecret: 'secret of main', warmUp: 'off' as const };
    const accounts = await start({}, QuiqupAuthModule.forRoot(main));
    await app?.get(QuiqupHttpService).axiosRef.get('/api/fulfilment/orders');
    await order(accounts, 'a');
    const served = simulator.calls.filter(({ kind }) => kind === 'resource').map(({ clientId }) => clientId);
    expect(served).toEqual(['main', 'client of a']);
  });

  it('shows neither credentials nor token, and nor does what keeps it', async () => {
    addMerchant('a', 'canary-of-the-secret');
    const accounts = await start();
    await order(accounts, 'a');
    const account = await accounts.get('a');
    for (const secret of ['canary-of-the-secret', account.tokens.peek() as string]) {
      expect([waysTo(secret, account), waysTo(secret, accounts)]).toEqual([[], []]);
      expect(inspect([account, accounts], { depth: null, showHidden: true })).not.toContain(secret);
    }
  });
});

describe('An account that cannot be looked up', () => {
  it.each<[string, unknown, string, boolean]>([
    ['the resolver yields nothing', undefined, 'QUIQUP_ACCOUNT_UNKNOWN', false],
    ['the resolver yields null', null, 'QUIQUP_ACCOUNT_UNKNOWN', false],
    ['the resolver throws', new Error('canary'), 'QUIQUP_CREDENTIALS_UNAVAILABLE', true],
    ['the secret is empty', { clientId: 'canary', clientSecret: '' }, 'QUIQUP_CREDENTIALS_UNAVAILABLE', true],
    ['the id is missing', { clientSecret: 'canary' }, 'QUIQUP_CREDENTIALS_UNAVAILABLE', true],
    ['the resolver yields a text', 'canary', 'QUIQUP_CREDENTIALS_UNAVAILABLE', true],
  ])('is a typed error with its id, remembered by nobody: %s', async (_when, row, code, retryable) => {
    const accounts = await start();
    merchants.rows.set('merchant-7', row);
    const error: unknown = await accounts.get('merchant-7').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining("'merchant-7'") });
    expect(waysTo('canary', error)).toEqual([]);
    expect(activeIds(accounts)).toEqual([]);

    addMerchant('merchant-7');
    expect(await order(accounts, 'merchant-7')).toBe(201);
  });

  it('does not keep its caller waiting', async () => {
    const accounts = await start({
      resolveCredentials: () => new Promise(() => undefined),
      timeouts: { tokenRequest: 50 },
    });
    await expect(accounts.get('a')).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_UNAVAILABLE' });
  });

  it.each<unknown>([
    '',
    undefined,
    null,
    42,
    10n,
    Symbol('a'),
    {},
    Object.create(null),
    ['a'],
    () => 'a',
    'a'.repeat(1_025),
  ])('is one error for an id of %p, and costs no look-up', async (id) => {
    const accounts = await start();
    await expect(accounts.get(id as string)).rejects.toMatchObject({ code: 'QUIQUP_ACCOUNT_UNKNOWN' });
    expect(merchants.asked).toEqual([]);
  });

  it('cannot write lines of its own into the log', async () => {
    const id = 'a\nerror [Quiqup] forged';
    merchants.rows.set(id, { clientId: 'nobody', clientSecret: 'nothing' });
    const accounts = await start();
    await order(accounts, id).catch(() => undefined);
    expect(log.lines.filter((line) => line.includes('\n'))).toEqual([]);
  });
});

describe('Accounts out of memory', () => {
  it('are the least recently used above maxAccounts', async () => {
    ['a', 'b', 'c'].forEach((id) => addMerchant(id));
    const accounts = await start({ maxAccounts: 2 });
    await order(accounts, 'a');
    await order(accounts, 'b');
    const completed: string[] = [];
    (await accounts.get('b')).tokens.events$.subscribe({ complete: () => completed.push('b') });
    await order(accounts, 'a');
    await order(accounts, 'c');
    expect(activeIds(accounts).toSorted()).toEqual(['a', 'c']);
    expect([timersOf('a'), timersOf('b'), timersOf('c')].map(({ length }) => length)).toEqual([1, 0, 1]);
    await eventually(() => completed.length > 0, 'the events completed');
    // Made anew, with the token that the store still has.
    await order(accounts, 'b');
    expect(simulator.counters.tokenRequests).toBe(3);
  });

  it('are those that nobody asked for within idleTimeout, looked at or not', async () => {
    holdClock();
    ['a', 'b'].forEach((id) => addMerchant(id));
    const accounts = await start({ idleTimeout: 30_000 });
    // At 0 the library takes an entry for one without an age.
    await turnClock(1);
    await order(accounts, 'a');
    await order(accounts, 'b');
    await turnClock(20_000);
    await accounts.get('a');
    expect(activeIds(accounts)).toHaveLength(2);
    await turnClock(20_000);
    expect([timersOf('a').length, timersOf('b').length]).toEqual([1, 0]);
    expect(activeIds(accounts)).toEqual(['a']);
    await turnClock(60_000);
    await eventually(() => registry.getTimeouts().length === 0, 'all timers were gone');
  });

  it('break no call under way, nor one of somebody who kept the account', async () => {
    ['a', 'b'].forEach((id) => addMerchant(id));
    simulator.latency = 500;
    const accounts = await start({ maxAccounts: 1 });
    const kept = await accounts.get('a');
    const completed: string[] = [];
    kept.tokens.events$.subscribe({ complete: () => completed.push('a') });
    const call = kept.http.axiosRef.get('/api/fulfilment/orders');
    await accounts.get('b');
    expect(activeIds(accounts)).toEqual(['b']);
    expect(completed).toEqual([]);
    expect((await call).status).toBe(200);
    await eventually(() => completed.length > 0, 'the events completed');
    simulator.revokeAll();
    expect((await kept.http.axiosRef.get('/api/fulfilment/orders')).status).toBe(200);
    expect(timersOf('a')).toEqual([]);
  });

  it('are forgotten on demand', async () => {
    addMerchant('a');
    const accounts = await start();
    await order(accounts, 'a');
    expect(accounts.forget('a')).toBe(true);
    expect(accounts.forget('a')).toBe(false);
    expect([activeIds(accounts), registry.getTimeouts()]).toEqual([[], []]);
    await order(accounts, 'a');
    expect(merchants.asked).toEqual(['a', 'a']);
  });

  it('are made of what is true after they were forgotten, also while they are being made', async () => {
    addMerchant('a');
    const answers: (() => void)[] = [];
    const accounts = await start({
      resolveCredentials: async (id) => {
        const found = await merchants.find(id);
        await new Promise<void>((answer) => answers.push(answer));
        return found;
      },
    });
    const getting = accounts.get('a');
    await eventually(() => answers.length === 1, 'it was looked up');
    expect(accounts.forget('a')).toBe(true);
    const afterwards = accounts.get('a');
    await eventually(() => answers.length === 2, 'it was looked up again');
    answers.forEach((answer) => answer());
    expect(await getting).toBe(await afterwards);
    expect(activeIds(accounts)).toEqual(['a']);
  });
});

describe('Changed credentials', () => {
  it('are used at once after rotate, by whoever has the account', async () => {
    addMerchant('a');
    const accounts = await start();
    await order(accounts, 'a');
    const kept = await accounts.get('a');
    const before = kept.tokens.peek();
    simulator.setSecret('client of a', 'another');
    merchants.rows.set('a', { clientId: 'client of a', clientSecret: 'another' });
    await accounts.rotate('a');
    expect(await accounts.get('a')).toBe(kept);
    expect(kept.tokens.peek()).not.toBe(before);
    expect(simulator.counters.tokenRequests).toBe(2);
  });

  it('make up for refused ones at once with rotate, and by themselves after a second', async () => {
    holdClock();
    ['a', 'b'].forEach((id) => {
      addMerchant(id);
      merchants.rows.set(id, { clientId: `client of ${id}`, clientSecret: 'wrong' });
    });
    const accounts = await start();
    for (const id of ['a', 'b']) {
      await expect(order(accounts, id)).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED' });
      merchants.rows.set(id, { clientId: `client of ${id}`, clientSecret: `secret of ${id}` });
    }
    await expect(order(accounts, 'a')).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED' });
    await accounts.rotate('a');
    expect(await order(accounts, 'a')).toBe(201);
    await turnClock(1_100);
    expect(await order(accounts, 'b')).toBe(201);
  });

  it('are taken together: never the id of one answer with the secret of another', async () => {
    addMerchant('a');
    let round = 0;
    const accounts = await start({
      resolveCredentials: () => {
        round += 1;
        const credentials = { clientId: `id ${round}`, clientSecret: `secret ${round}` };
        simulator.addClient(credentials);
        return credentials;
      },
    });
    for (let turn = 0; turn < 5; turn += 1) {
      await accounts.rotate('a');
    }
    expect(simulator.calls.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('At shutdown', () => {
  it('all accounts are closed, those being made and those that were kept as well', async () => {
    ['a', 'b'].forEach((id) => addMerchant(id));
    const accounts = await start({ maxAccounts: 1 });
    const kept = await accounts.get('a');
    await kept.tokens.getAccessToken();
    await order(accounts, 'b');
    let isComplete = false;
    accounts.events$.subscribe({ complete: () => (isComplete = true) });
    simulator.stall(Infinity, { on: 'token' });
    const fetching = expect((await accounts.get('b')).tokens.refresh()).rejects.toMatchObject({
      code: 'QUIQUP_SHUT_DOWN',
    });
    await eventually(() => simulator.counters.tokenRequests === 3, 'the token was asked for');
    await app?.close();
    await fetching;
    expect([isComplete, registry.getTimeouts()]).toEqual([true, []]);
    await expect(accounts.get('a')).rejects.toMatchObject({ code: 'QUIQUP_SHUT_DOWN' });
    await expect(kept.tokens.refresh()).rejects.toMatchObject({ code: 'QUIQUP_SHUT_DOWN' });
    expect(simulator.counters.tokenRequests).toBe(3);
  });

  it('the last requests are still answered, without a timer', async () => {
    addMerchant('a');
    const accounts = await start();
    accounts.onModuleDestroy();
    expect(await order(accounts, 'a')).toBe(201);
    expect(registry.getTimeouts()).toEqual([]);
  });
});

describe('The options of forAccounts', () => {
  it('are checked at boot, all problems at once', async () => {
    const wrong = { maxAccounts: 0, idleTimeout: -1, clientId: 'one', timeouts: { wait: 1 }, cache: { redis: 'x' } };
    const error = await Test.createTestingModule({
      imports: [QuiqupAuthModule.forAccounts(wrong as unknown as QuiqupAccountsModuleOptions)],
    })
      .compile()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QuiqupConfigError);
    expect((error as QuiqupConfigError).problems.map(({ path }) => path).toSorted()).toEqual([
      'cache.redis',
      'clientId',
      'environment',
      'idleTimeout',
      'maxAccounts',
      'resolveCredentials',
      'timeouts.wait',
    ]);
  });

  it('may come from a factory or a class', async () => {
    addMerchant('a');
    @Injectable()
    class Options {
      createQuiqupAccountsOptions(): QuiqupAccountsModuleOptions {
        return optionsWith();
      }
    }
    for (const options of [{ useFactory: () => Promise.resolve(optionsWith()) }, { useClass: Options }]) {
      const module = await Test.createTestingModule({
        imports: [QuiqupAuthModule.forAccountsAsync(options)],
      }).compile();
      await module.init();
      expect(await order(module.get(QuiqupAccounts), 'a')).toBe(201);
      await module.close();
    }
    expect(() => QuiqupAuthModule.forAccountsAsync({})).toThrow(/useFactory, useClass and useExisting/);
  });

  it('are given once', async () => {
    await expect(start({}, QuiqupAuthModule.forAccountsAsync({ useFactory: () => optionsWith() }))).rejects.toThrow(
      /forAccounts is called 2 times/,
    );
  });
});
