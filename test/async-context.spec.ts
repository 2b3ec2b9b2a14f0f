import { afterEach, describe, expect, it } from '@jest/globals';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { QuiqupAccounts, QuiqupAuthModule, QuiqupTokenService, type QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent } from 'node:http';
import { eventually } from './support/eventually.js';
import { staysAfter } from './support/held-by.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { RecordedLog } from './support/recorded-log.js';

const READ = '/api/fulfilment/inventory';
/** Work in a request of Alice finds her name there. */
const request = new AsyncLocalStorage<unknown>();
const get = (): Promise<unknown> => quiqup.quiqup.axiosRef.get(READ);

/** Whose context something ran in. */
class Places {
  readonly seen: string[] = [];

  note(what: string): void {
    const owner = request.getStore();
    this.seen.push(`${what} of ${typeof owner === 'string' ? owner : 'nobody'}`);
  }
}

class ContextualLog extends RecordedLog {
  constructor(private readonly places: Places) {
    super();
  }

  override warn(...line: unknown[]): void {
    this.places.note('log line');
    super.warn(...line);
  }
}

let quiqup: QuiqupApp;
let app: TestingModule | undefined;
let simulator: QuiqupSimulator | undefined;
const started: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) {
    await stop();
  }
});

async function start(
  module: Partial<QuiqupAuthModuleOptions> = {},
  options: { lifetime?: number } = {},
): Promise<Places> {
  const places = new Places();
  const server = new QuiqupSimulator(options);
  const { clientSecret } = server.clients[0];
  quiqup = await QuiqupApp.start({
    simulator: server,
    module: {
      clientSecret: () => {
        places.note('credentials');
        return clientSecret;
      },
      ...module,
    },
  });
  started.push(() => quiqup.stop());
  quiqup.app.useLogger(new ContextualLog(places));
  quiqup.tokens.events$.subscribe({
    next: ({ type }) => places.note(type),
    complete: () => places.note('completion'),
  });
  return places;
}

const ofAlice = ({ seen }: Places): string[] => seen.filter((place) => place.endsWith('of Alice'));

describe("What serves everybody runs in nobody's context", () => {
  it('from the first call of a user to the renewals after it', async () => {
    const places = await start({}, { lifetime: 1 });
    const own = await request.run('Alice', async () => {
      await quiqup.quiqup.axiosRef.get(READ);
      return request.getStore();
    });
    await quiqup.eventually('acquired', 3);
    expect(own).toBe('Alice');
    expect(places.seen).toEqual(expect.arrayContaining(['credentials of nobody', 'token-request of nobody']));
    expect(ofAlice(places)).toEqual([]);
  });

  it('when a call is refused, and recovered or lost', async () => {
    const places = await start();
    await request.run('Alice', async () => {
      await quiqup.quiqup.axiosRef.get(READ);
      quiqup.simulator.revokeAll();
      await quiqup.quiqup.axiosRef.get(READ);
      quiqup.simulator.failNext({ status: 401, on: 'resource', times: 2 });
      await quiqup.quiqup.axiosRef.get(READ).catch(() => undefined);
    });
    expect(places.seen).toEqual(
      expect.arrayContaining(['rejected of nobody', 'recovered of nobody', 'not-recovered of nobody']),
    );
    expect(ofAlice(places)).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['getAccessToken', () => quiqup.tokens.getAccessToken()],
    ['getToken', () => quiqup.tokens.getToken()],
    ['refresh', () => quiqup.tokens.refresh()],
    ['reject', () => quiqup.tokens.reject('another')],
  ])('when %s fails, whose line in the log is not that request’s', async (_name, ask) => {
    const places = await start({ timeouts: { wait: 2_500, lock: 1_500, tokenRequest: 1_000 } });
    quiqup.simulator.failNext({ status: 503, on: 'token', times: Infinity });
    await request.run('Alice', () => ask().catch(() => undefined));
    expect(places.seen).toContain('log line of nobody');
    expect(ofAlice(places)).toEqual([]);
  });

  it('when a request shuts the application down', async () => {
    const places = await start();
    await request.run('Alice', () => quiqup.app.close());
    expect(places.seen).toEqual(['completion of nobody']);
  });

  it('when a request is the first to ask for an account of the database, and drops another', async () => {
    const places = new Places();
    simulator = await new QuiqupSimulator().start();
    const [client] = simulator.clients;
    app = await Test.createTestingModule({
      imports: [
        QuiqupAuthModule.forAccounts({
          baseUrl: simulator.url,
          maxAccounts: 1,
          resolveCredentials: () => {
            places.note('credentials');
            return client;
          },
        }),
      ],
    }).compile();
    await app.init();
    const server = simulator;
    const application = app;
    started.push(
      () => application.close(),
      () => server.stop(),
    );
    const accounts = app.get(QuiqupAccounts);
    accounts.events$.subscribe(({ type }) => places.note(type));
    await request.run('Alice', async () => {
      const { http, tokens } = await accounts.get('one');
      tokens.events$.subscribe({ next: ({ type }) => places.note(type), complete: () => places.note('completion') });
      await http.axiosRef.get(READ);
      await accounts.rotate('one');
      await accounts.get('two');
    });
    await eventually(() => places.seen.includes('completion of nobody'), 'the first account was dropped');
    expect(places.seen).toEqual(expect.arrayContaining(['credentials of nobody', 'acquired of nobody']));
    expect(ofAlice(places)).toEqual([]);
  });

  it('when a request loads the module', async () => {
    const places = new Places();
    const server = await new QuiqupSimulator({ lifetime: 1 }).start();
    const [{ clientId, clientSecret }] = server.clients;
    const application = await Test.createTestingModule({}).compile();
    await application.init();
    started.push(
      () => application.close(),
      () => server.stop(),
    );
    await request.run('Alice', async () => {
      const options = { baseUrl: server.url, clientId, clientSecret };
      const lazy = await application.get(LazyModuleLoader).load(() => QuiqupAuthModule.forRoot(options));
      const tokens = lazy.get(QuiqupTokenService, { strict: false });
      tokens.events$.subscribe(({ type }) => places.note(type));
      await tokens.getAccessToken();
    });
    const renewals = (): number => places.seen.filter((place) => place.startsWith('acquired')).length;
    await eventually(() => renewals() > 1, 'the token was renewed');
    expect(ofAlice(places)).toEqual([]);
  });
});

describe('What an ended request held is free again', () => {
  // A connection of a call that is kept alive belongs to that call, with plain axios as well.
  const http = { httpAgent: new Agent({ keepAlive: false }) };

  it.each<[string, () => Promise<unknown>]>([
    ['started the first renewal', get],
    ['subscribed to nothing and was recovered', () => get().then(() => (quiqup.simulator.revokeAll(), get()))],
    ['was refused', () => (quiqup.simulator.failNext({ status: 401, on: 'resource', times: 2 }), get())],
    ['got no token', () => (quiqup.simulator.failNext({ status: 400, on: 'token', times: Infinity }), get())],
    [
      'gave up waiting',
      () => {
        quiqup.simulator.stall(50, { on: 'token' });
        return quiqup.quiqup.axiosRef.get(READ, { signal: AbortSignal.timeout(10) });
      },
    ],
  ])('though it %s', async (_what, work) => {
    await start({ http }, { lifetime: 3_600 });
    const stays = await staysAfter(request, work);
    await quiqup.settled();
    expect(await stays()).toBe(false);
  });
});
