import { HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosInstance } from 'axios';
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
import {
  QuiqupAuthTestingModule,
  QuiqupSimulator,
  type QuiqupAuthTestingOptions,
  type QuiqupTestingRequest,
} from 'nestjs-quiqup-auth/testing';

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
const BARE = { data: '', statusText: '', headers: {} };
/** The last segment of a URL, as the status to answer with. */
const statusFor = (url: string): number => Number(url.split('/').at(-1));
const startOffline = async (options: QuiqupAuthTestingOptions): Promise<AxiosInstance> => {
  app = await Test.createTestingModule({ imports: [QuiqupAuthTestingModule.forRoot(options)] }).compile();
  await app.init();
  return app.get(QuiqupHttpService).axiosRef;
};
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
      message: expect.stringMatching(/sends nothing: POST https:.*\/api\/fulfilment\/orders\. Give it an answer/),
    });
    expect(await app.get(QuiqupTokenService).getAccessToken()).toBe('testing-access-token');
  });

  it.each<[string, QuiqupAuthTestingOptions]>([
    ['an adapter', { adapter: (config) => Promise.resolve({ ...BARE, status: statusFor(config.url ?? ''), config }) }],
    ['an answer', { answer: ({ url }) => ({ status: statusFor(url) }) }],
    ['an answer that takes its time', { answer: async ({ url }) => Promise.resolve({ status: statusFor(url) }) }],
  ])('holds %s to validateStatus, as axios does', async (_name, options) => {
    const axiosRef = await startOffline(options);
    const failed = { isAxiosError: true, config: { url: '/422' } };
    await expect(axiosRef.post('/422', {})).rejects.toMatchObject({
      ...failed,
      message: 'Request failed with status code 422',
      code: 'ERR_BAD_REQUEST',
      response: { status: 422 },
    });
    await expect(axiosRef.get('/503')).rejects.toMatchObject({ code: 'ERR_BAD_RESPONSE', response: { status: 503 } });
    expect(await axiosRef.get('/200')).toMatchObject({ status: 200 });
    expect(await axiosRef.get('/422', { validateStatus: null })).toMatchObject({ status: 422 });
    expect(await axiosRef.get('/422', { validateStatus: (status) => status < 500 })).toMatchObject({ status: 422 });
  });

  it('shows an answer what would be sent, and gives the call what it returns', async () => {
    const seen: QuiqupTestingRequest[] = [];
    const axiosRef = await startOffline({
      answer: (request) => {
        seen.push(request);
        return request.method === 'GET' ? {} : { status: 201, data: { id: 7 }, headers: { 'X-Request': 'of a test' } };
      },
    });
    const created = await axiosRef.post('/api/fulfilment/orders', { quantity: 1 }, { params: { dry: true } });
    expect(created).toMatchObject({ status: 201, statusText: 'Created', data: { id: 7 } });
    expect(created.headers['x-request']).toBe('of a test');
    expect(await axiosRef.get('/api/fulfilment/inventory')).toMatchObject({ status: 200, data: '' });
    await axiosRef.put('/api/fulfilment/orders/1', 'text', { headers: { 'Content-Type': 'text/plain' } });
    expect(seen.map(({ method, url, data }) => [method, new URL(url).pathname + new URL(url).search, data])).toEqual([
      ['POST', '/api/fulfilment/orders?dry=true', { quantity: 1 }],
      ['GET', '/api/fulfilment/inventory', undefined],
      ['PUT', '/api/fulfilment/orders/1', 'text'],
    ]);
    expect(seen[0]?.url).toMatch(/^https:\/\/platform-api\.staging\.quiqup\.com\//);
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer testing-access-token');
  });

  it('rejects with what an answer throws', async () => {
    const failure = new Error('of the test');
    const axiosRef = await startOffline({
      answer: () => {
        throw failure;
      },
    });
    await expect(axiosRef.get('/api/fulfilment/orders')).rejects.toThrow('of the test');
  });

  it('recovers a 401 with another token', async () => {
    const seen: unknown[] = [];
    const axiosRef = await startOffline({
      accessToken: 'fixed',
      answer: ({ headers }) => {
        seen.push(headers.get('authorization'));
        return { status: seen.length === 1 ? 401 : 200 };
      },
    });
    expect(await axiosRef.get('/api/fulfilment/orders')).toMatchObject({ status: 200 });
    expect(seen).toEqual(['Bearer fixed', 'Bearer fixed-2']);
  });

  it('refuses an answer beside an adapter', () => {
    const both = { adapter: echo, answer: () => ({}) };
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const message = 'takes either answer or adapter. Leave one of them out.';
    expect(() => QuiqupAuthTestingModule.forRoot(both)).toThrow(message);
    expect(() => QuiqupAuthTestingModule.override(builder, both)).toThrow(message);
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
    for (const http of [main, dubai]) {
      expect(await sentBy(http)).toMatchObject({ authorization: 'Bearer fixed' });
    }
    const others = ['merchant-42', 'merchant-43'].map(async (id) => sentBy((await accounts.get(id)).http));
    for (const sent of await Promise.all(others)) {
      expect(sent).toMatchObject({ authorization: 'Bearer fixed' });
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
