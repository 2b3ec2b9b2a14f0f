import { HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter } from 'axios';
import {
  getQuiqupProviderToken,
  InjectQuiqup,
  QUIQUP_AUTH_CONFIG,
  QuiqupAccounts,
  QuiqupAuthModule,
  QuiqupAxiosInterceptor,
  QuiqupHttpService,
  QuiqupTokenService,
  type QuiqupAuthConfig,
} from 'nestjs-quiqup-auth';
import { QuiqupAuthTestingModule, QuiqupSimulator } from 'nestjs-quiqup-auth/testing';

@Injectable()
class Deliveries {
  constructor(
    readonly main: QuiqupHttpService,
    @InjectQuiqup(QuiqupHttpService, 'dubai') readonly dubai: QuiqupHttpService,
    readonly accounts: QuiqupAccounts,
  ) {}
}

/** As an application has it: it cannot start without its environment and its Quiqup. */
const failing = (): never => {
  throw new Error('The test reads the options of the application.');
};
@Module({
  imports: [
    QuiqupAuthModule.forRootAsync({ useFactory: failing }),
    QuiqupAuthModule.forRootAsync({ name: 'dubai', useFactory: failing }),
    QuiqupAuthModule.forAccountsAsync({ useFactory: failing }),
  ],
  providers: [Deliveries],
})
class AppModule {}

const echo: AxiosAdapter = (config) =>
  Promise.resolve({
    data: { authorization: config.headers['Authorization'] as string, url: config.url },
    status: 200,
    statusText: 'OK',
    headers: {},
    config,
  });
const sentBy = async (http: HttpService): Promise<unknown> =>
  (await http.axiosRef.get<unknown>('/api/fulfilment/orders')).data;

let app: TestingModule | undefined;
let simulator: QuiqupSimulator | undefined;
afterEach(async () => {
  await app?.close();
  await simulator?.stop();
  app = simulator = undefined;
});

describe('QuiqupAuthTestingModule.forRoot', () => {
  it('gives a fixed token behind all providers', async () => {
    app = await Test.createTestingModule({
      imports: [QuiqupAuthTestingModule.forRoot({ accessToken: 'fixed', adapter: echo })],
    }).compile();
    await app.init();
    expect(app.get(QuiqupTokenService).peek()).toBe('fixed');
    expect(await sentBy(app.get(QuiqupHttpService))).toEqual({
      authorization: 'Bearer fixed',
      url: '/api/fulfilment/orders',
    });
    const own = axios.create({ adapter: echo, baseURL: app.get<QuiqupAuthConfig>(QUIQUP_AUTH_CONFIG).baseUrl });
    app.get(QuiqupAxiosInterceptor).attach(own);
    expect(await sentBy(new HttpService(own))).toMatchObject({ authorization: 'Bearer fixed' });
  });

  it('sends nothing without an adapter, and says so', async () => {
    app = await Test.createTestingModule({ imports: [QuiqupAuthTestingModule.forRoot()] }).compile();
    const call = app.get(QuiqupHttpService).axiosRef.post('/api/fulfilment/orders');
    await expect(call).rejects.toMatchObject({
      code: 'ERR_NETWORK',
      message: expect.stringMatching(/sends nothing: POST https:.*\/api\/fulfilment\/orders\. Give it an adapter/),
    });
    expect(await app.get(QuiqupTokenService).getAccessToken()).toBe('testing-access-token');
  });

  it('stands for a named account as well', async () => {
    app = await Test.createTestingModule({
      imports: [QuiqupAuthTestingModule.forRoot({ name: 'dubai', accessToken: 'of-dubai', adapter: echo })],
    }).compile();
    const dubai: QuiqupHttpService = app.get(getQuiqupProviderToken(QuiqupHttpService, 'dubai'));
    expect(await sentBy(dubai)).toMatchObject({ authorization: 'Bearer of-dubai' });
  });

  it('takes the place of a module that is a value of its own', async () => {
    const quiqup = QuiqupAuthModule.forRootAsync({ useFactory: failing });
    @Module({ imports: [quiqup] })
    class Application {}
    app = await Test.createTestingModule({ imports: [Application] })
      .overrideModule(quiqup)
      .useModule(QuiqupAuthTestingModule.forRoot({ accessToken: 'fixed' }))
      .compile();
    expect(await app.get(QuiqupTokenService).getAccessToken()).toBe('fixed');
  });
});

describe('QuiqupAuthTestingModule.override', () => {
  it('gives every account of an application the fixed token', async () => {
    const builder = Test.createTestingModule({ imports: [AppModule] });
    app = await QuiqupAuthTestingModule.override(builder, { accessToken: 'fixed', adapter: echo }).compile();
    await app.init();
    const { main, dubai, accounts } = app.get(Deliveries);
    for (const http of [main, dubai, (await accounts.get('merchant-42')).http]) {
      expect(await sentBy(http)).toMatchObject({ authorization: 'Bearer fixed' });
    }
  });

  it('puts a simulator behind every account of an application', async () => {
    simulator = await new QuiqupSimulator().start();
    const builder = Test.createTestingModule({ imports: [AppModule] });
    app = await QuiqupAuthTestingModule.override(builder, simulator).compile();
    await app.init();
    const { main, dubai, accounts } = app.get(Deliveries);
    for (const http of [main, dubai, (await accounts.get('merchant-42')).http]) {
      await http.axiosRef.post('/api/fulfilment/orders', {});
    }
    expect(simulator.counters).toMatchObject({ orders: 3, unauthorized: 0 });
  });
});

describe('QuiqupAuthTestingModule.forSimulator', () => {
  it('starts the simulator and has the real module on it, with options where they differ', async () => {
    simulator = new QuiqupSimulator({ policy: 'revoke' });
    app = await Test.createTestingModule({
      imports: [QuiqupAuthTestingModule.forSimulator(simulator, { warmUp: 'await' })],
    }).compile();
    await app.init();
    expect(simulator.counters.tokenRequests).toBe(1);
    simulator.revokeAll();
    const { status } = await app.get(QuiqupHttpService).axiosRef.post('/api/fulfilment/orders', {});
    expect([status, simulator.counters.tokenRequests]).toEqual([201, 2]);
  });
});
