import { HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import {
  getQuiqupProviderToken,
  InjectQuiqup,
  QUIQUP_AUTH_CONFIG,
  QuiqupAuthModule,
  QuiqupAxiosInterceptor,
  QuiqupConfigError,
  QuiqupHttpService,
  QuiqupTokenService,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleOptions,
  type QuiqupProvider,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

const NAMES = ['dubai', 'riyadh'] as const;

@Injectable()
class Branches {
  constructor(
    readonly main: QuiqupHttpService,
    @InjectQuiqup(QuiqupHttpService, 'dubai') readonly dubai: QuiqupHttpService,
    @InjectQuiqup(QuiqupHttpService, 'riyadh') readonly riyadh: QuiqupHttpService,
  ) {}
}

let simulator: QuiqupSimulator;
let app: TestingModule | undefined;
const log = new RecordedLog();

/** The options of one of the simulator's clients: `main`, or one of a named account. */
const optionsOf = (name: string): QuiqupAuthModuleOptions => ({
  baseUrl: simulator.url,
  clientId: name,
  clientSecret: `secret of ${name}`,
  warmUp: 'off',
});
/** The client whose token a call was accepted with. */
const clientOf = (index: number): string | undefined =>
  simulator.calls.filter(({ kind }) => kind === 'resource')[index]?.clientId;

async function start(
  ...imports: Parameters<typeof Test.createTestingModule>[0]['imports'] & object
): Promise<TestingModule> {
  app = await Test.createTestingModule({ imports, providers: [Branches] })
    .setLogger(log)
    .compile();
  return app.init();
}
const startAll = (cache: QuiqupAuthModuleOptions['cache'] = {}): Promise<TestingModule> =>
  start(
    QuiqupAuthModule.forRoot({ ...optionsOf('main'), cache }),
    QuiqupAuthModule.forRoot({ ...optionsOf('dubai'), cache, name: 'dubai' }),
    QuiqupAuthModule.forRootAsync({ name: 'riyadh', useFactory: () => ({ ...optionsOf('riyadh'), cache }) }),
  );

beforeEach(async () => {
  simulator = await new QuiqupSimulator({
    policy: 'revoke',
    clients: ['main', ...NAMES].map((clientId) => ({ clientId, clientSecret: `secret of ${clientId}` })),
  }).start();
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  await simulator.stop();
});

describe('Several accounts', () => {
  it('are injected by name, each with its own token', async () => {
    const { main, dubai, riyadh } = (await startAll()).get(Branches);
    await main.axiosRef.get('/api/fulfilment/orders');
    await dubai.axiosRef.get('/api/fulfilment/orders');
    await riyadh.axiosRef.get('/api/fulfilment/orders');
    expect([0, 1, 2].map(clientOf)).toEqual(['main', ...NAMES]);
    expect(simulator.counters.tokenRequests).toBe(3);
  });

  it.each(['memory', 'Redis'])('never meet, on one store and under revocations (%s)', async (store) => {
    const redis = store === 'Redis' ? await RedisServer.start() : undefined;
    try {
      const { main, dubai, riyadh } = (await startAll({ redis: redis?.url })).get(Branches);
      for (let round = 0; round < 5; round += 1) {
        const calls = Array.from({ length: 10 }, () =>
          [main, dubai, riyadh].map(async (quiqup, index) => {
            const owner = ['main', ...NAMES][index];
            const { data } = await quiqup.axiosRef.post<{ id: number }>('/api/fulfilment/orders', { owner });
            return data.id;
          }),
        );
        await Promise.all(calls.flat());
        simulator.revokeAll();
      }
      const accepted = simulator.calls.filter(({ kind, status }) => kind === 'resource' && status === 201);
      const owners = accepted.map(({ body }) => (JSON.parse(String(body)) as { owner: string }).owner);
      expect(accepted).toHaveLength(150);
      expect(accepted.map(({ clientId }) => clientId)).toEqual(owners);
      expect(simulator.counters.tokenRequests).toBe(15);
    } finally {
      await app?.close();
      app = undefined;
      await redis?.stop();
    }
  });

  it('are all told apart: services, interceptors, config, timers and log', async () => {
    const module = await startAll();
    const get = (provider: QuiqupProvider, name?: string): unknown =>
      module.get(getQuiqupProviderToken(provider, name), { strict: false });
    for (const provider of [
      QuiqupTokenService,
      QuiqupAxiosInterceptor,
      QuiqupHttpService,
      QUIQUP_AUTH_CONFIG,
    ] as const) {
      expect(new Set([undefined, ...NAMES].map((name) => get(provider, name))).size).toBe(3);
    }
    expect((get(QUIQUP_AUTH_CONFIG, 'dubai') as QuiqupAuthConfig).clientId()).toBe('dubai');
    expect(get(QuiqupTokenService)).toBe(module.get(QuiqupTokenService));

    const instance = axios.create({ baseURL: simulator.url });
    (get(QuiqupAxiosInterceptor, 'dubai') as QuiqupAxiosInterceptor).attach(new HttpService(instance));
    await instance.get('/api/fulfilment/orders');
    expect(clientOf(0)).toBe('dubai');

    simulator.setSecret('riyadh', 'another');
    await (get(QuiqupTokenService, 'riyadh') as QuiqupTokenService).getAccessToken().catch(() => undefined);
    expect(log.lines.at(-1)).toMatch(/^warn \[QuiqupAuth:riyadh\]/);
  });

  it('have a timer each in the one registry of the application', async () => {
    const registry = new SchedulerRegistry();
    @Module({ providers: [{ provide: SchedulerRegistry, useValue: registry }], exports: [SchedulerRegistry] })
    class Scheduling {}
    const module = await start(
      { module: Scheduling, global: true },
      QuiqupAuthModule.forRoot(optionsOf('main')),
      QuiqupAuthModule.forRoot({ ...optionsOf('dubai'), name: 'dubai' }),
      QuiqupAuthModule.forRoot({ ...optionsOf('riyadh'), name: 'riyadh' }),
    );
    const { main, dubai } = module.get(Branches);
    await main.axiosRef.get('/api/fulfilment/orders');
    await dubai.axiosRef.get('/api/fulfilment/orders');
    expect(registry.getTimeouts()).toEqual(['quiqup-auth:refresh', 'quiqup-auth:refresh:dubai']);
  });

  it('can be overridden in a test, one without the other', async () => {
    const stub = { axiosRef: 'a stub' };
    app = await Test.createTestingModule({
      imports: [
        QuiqupAuthModule.forRoot(optionsOf('main')),
        QuiqupAuthModule.forRoot({ ...optionsOf('dubai'), name: 'dubai' }),
        QuiqupAuthModule.forRoot({ ...optionsOf('riyadh'), name: 'riyadh' }),
      ],
      providers: [Branches],
    })
      .overrideProvider(getQuiqupProviderToken(QuiqupHttpService, 'dubai'))
      .useValue(stub)
      .compile();
    const { main, dubai, riyadh } = app.get(Branches);
    expect(dubai).toBe(stub);
    expect([main, riyadh]).toEqual([expect.any(QuiqupHttpService), expect.any(QuiqupHttpService)]);
  });

  it('need different names: two of one name are an error at boot that says so', async () => {
    const booting = start(
      QuiqupAuthModule.forRoot(optionsOf('main')),
      QuiqupAuthModule.forRoot({ ...optionsOf('dubai'), name: 'dubai' }),
      QuiqupAuthModule.forRoot({ ...optionsOf('riyadh'), name: 'riyadh' }),
      QuiqupAuthModule.forRootAsync({ name: 'dubai', useFactory: () => optionsOf('dubai') }),
    );
    await expect(booting).rejects.toThrow(QuiqupConfigError);
    await expect(booting).rejects.toThrow(/registered 2 times with the name 'dubai'/);
  });

  it('with an empty name are the unnamed one', async () => {
    const module = await Test.createTestingModule({
      imports: [QuiqupAuthModule.forRoot({ ...optionsOf('main'), name: '' })],
    }).compile();
    expect(module.get(QuiqupHttpService)).toBeInstanceOf(QuiqupHttpService);
    await module.close();
  });
});
