import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { Test } from '@nestjs/testing';
import {
  getQuiqupProviderToken,
  QuiqupAccounts,
  QuiqupAuthModule,
  QuiqupConfigError,
  QuiqupHttpService,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { QuiqupApp } from './support/quiqup-app.js';
import { ScriptedServer } from './support/scripted-server.js';

let simulator: QuiqupSimulator;
const ending: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  simulator = await new QuiqupSimulator().start();
  ending.push(() => simulator.stop());
});
afterEach(async () => {
  await Promise.all(
    ending
      .splice(0)
      .toReversed()
      .map((end) => end()),
  );
});

const addresses = () => ({ baseUrl: simulator.url, lastMileUrl: simulator.lastMileUrl });

async function start(module: Parameters<typeof QuiqupApp.start>[0] = {}): Promise<QuiqupHttpService> {
  const app = await QuiqupApp.start({ simulator, module: { ...addresses(), ...module?.module } });
  ending.push(() => app.app.close());
  return app.quiqup;
}

const called = () =>
  simulator.calls.map(({ api, kind, method, path, status }) => [api, kind, `${method} ${path}`, status]);

describe('The two APIs', () => {
  it('are called by name, with one token', async () => {
    const quiqup = await start();
    await quiqup.axiosRef.get('/api/fulfilment/inventory');
    const { data } = await quiqup.lastMile.axiosRef.post<{ id: number }>('/orders', { partner_order_id: 'A-1' });
    await quiqup.lastMile.axiosRef.put(`/orders/${data.id}/ready_for_collection`);
    expect(called()).toEqual([
      ['platform', 'token', 'POST /oauth/token', 200],
      ['platform', 'resource', 'GET /api/fulfilment/inventory', 200],
      ['last-mile', 'resource', 'POST /orders', 201],
      ['last-mile', 'resource', `PUT /orders/${data.id}/ready_for_collection`, 200],
    ]);
  });

  it.each([
    ['platform', 'a path of the last mile', (quiqup: QuiqupHttpService) => quiqup.axiosRef.get('/orders')],
    [
      'last mile',
      'a path of the platform',
      (quiqup: QuiqupHttpService) => quiqup.lastMile.axiosRef.get('/api/fulfilment/inventory'),
    ],
  ])('%s: the answer to %s is that of the real host', async (_api, _path, call) => {
    const quiqup = await start();
    await expect(call(quiqup)).rejects.toMatchObject({ response: { status: 404 } });
  });

  it('have interceptors of their own', async () => {
    const quiqup = await start();
    expect(quiqup.lastMile).toBeInstanceOf(HttpService);
    expect(quiqup.lastMile).toBe(quiqup.lastMile);
    const seen: unknown[] = [];
    quiqup.lastMile.axiosRef.interceptors.request.use((config) => {
      seen.push(config.url);
      return config;
    });
    await quiqup.axiosRef.get('/api/fulfilment/inventory');
    await quiqup.lastMile.axiosRef.get('/orders');
    expect(seen).toEqual(['/orders']);
  });

  it('are both recovered from one revoked token by one token request', async () => {
    const quiqup = await start();
    await quiqup.axiosRef.get('/api/fulfilment/inventory');
    simulator.revokeAll();
    const responses = await Promise.all([
      quiqup.axiosRef.post('/api/fulfilment/orders', { an: 'order' }),
      quiqup.lastMile.axiosRef.post('/orders', { an: 'order' }),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    expect(simulator.counters).toMatchObject({ tokenRequests: 2, orders: 2 });
  });

  it('share the options of axios, and show no token in what comes back', async () => {
    const quiqup = await start({ module: { http: { headers: { 'X-Shop': 'dubai' } } } });
    const { data: created } = await quiqup.lastMile.axiosRef.post<{ id: number }>('/orders', {});
    const { request, config } = await quiqup.lastMile.axiosRef.get(`/order_label/${created.id}`);
    expect(simulator.calls.at(-1)?.headers['x-shop']).toBe('dubai');
    expect(simulator.calls.at(-1)?.token).toBeDefined();
    expect(config.headers.has('Authorization')).toBe(false);
    expect(JSON.stringify(request)).not.toContain('Bearer');
  });

  it('are at one address where there is a base URL alone', async () => {
    const gateway = await ScriptedServer.start((_request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ access_token: 'a-token-of-the-gateway', token_type: 'bearer' }));
    });
    ending.push(() => gateway.stop());
    const quiqup = await start({ module: { baseUrl: `${gateway.url}quiqup`, lastMileUrl: undefined } });
    await quiqup.axiosRef.get('/api/fulfilment/inventory');
    await quiqup.lastMile.axiosRef.get('/orders');
    expect(gateway.received.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/quiqup/oauth/token', undefined],
      ['/quiqup/api/fulfilment/inventory', 'Bearer a-token-of-the-gateway'],
      ['/quiqup/orders', 'Bearer a-token-of-the-gateway'],
    ]);
  });

  it('keep the token from a host that is neither', async () => {
    const foreign = await ScriptedServer.start((_request, response) => void response.end('{}'));
    ending.push(() => foreign.stop());
    const quiqup = await start();
    await quiqup.lastMile.axiosRef.get(`${foreign.url}orders`);
    expect(foreign.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('The last mile of the mock environment', () => {
  it('is a typed error that says why, and is no matter to the platform', async () => {
    const options = { environment: 'mock', clientId: 'an-id', clientSecret: 'a-secret', warmUp: 'off' } as const;
    const app = await Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot(options)] }).compile();
    ending.push(() => app.close());
    const quiqup = app.get(QuiqupHttpService);
    expect(quiqup.axiosRef.defaults.baseURL).toBe('https://developer-docs.quiqup.com/_mock/openapi/');
    expect(() => quiqup.lastMile).toThrow(QuiqupConfigError);
    expect(() => quiqup.lastMile).toThrow(/environment: 'mock' has no last-mile API/);
  });
});

describe('Other accounts', () => {
  it('reach both APIs: a named one', async () => {
    const options = { ...addresses(), ...simulator.clients[0], warmUp: 'off' } as const;
    const imports = [QuiqupAuthModule.forRoot({ ...options, name: 'dubai' })];
    const app = await Test.createTestingModule({ imports }).compile();
    ending.push(() => app.close());
    const dubai = app.get<QuiqupHttpService>(getQuiqupProviderToken(QuiqupHttpService, 'dubai'));
    expect((await dubai.lastMile.axiosRef.get('/orders')).status).toBe(200);
  });

  it('reach both APIs: one from a database', async () => {
    const imports = [QuiqupAuthModule.forAccounts({ ...addresses(), resolveCredentials: () => simulator.clients[0] })];
    const app = await Test.createTestingModule({ imports }).compile();
    ending.push(() => app.close());
    const { http } = await app.get(QuiqupAccounts).get('a merchant');
    expect((await http.axiosRef.get('/api/fulfilment/inventory')).status).toBe(200);
    expect((await http.lastMile.axiosRef.get('/orders')).status).toBe(200);
  });
});
