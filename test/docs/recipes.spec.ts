import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Param, type INestApplication, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  QuiqupAuthModule,
  QuiqupTokenService,
  type QuiqupAuthError,
  type QuiqupAuthModuleOptions,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as errors from '../../lib/errors/index.js';
import { SnippetFolder, tableRows, withoutBackticks } from '../support/doc-pages.js';
import { RecordedLog } from '../support/recorded-log.js';

type Imports = NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>;

let folder: SnippetFolder;
let simulator: QuiqupSimulator;
let app: INestApplication | undefined;
let variables: NodeJS.ProcessEnv;
let log: RecordedLog;

beforeAll(async () => {
  folder = await SnippetFolder.open();
});
afterAll(() => folder.remove());

beforeEach(async () => {
  simulator = await new QuiqupSimulator({
    clients: [
      { clientId: 'simulated-client', clientSecret: 'simulated-secret' },
      { clientId: 'client-of-riyadh', clientSecret: 'secret-of-riyadh' },
    ],
  }).start();
  variables = { ...process.env };
  log = new RecordedLog();
  const [{ clientId, clientSecret }] = simulator.clients;
  Object.assign(process.env, {
    QUIQUP_BASE_URL: simulator.url,
    QUIQUP_LAST_MILE_URL: simulator.lastMileUrl,
    QUIQUP_CLIENT_ID: clientId,
    QUIQUP_CLIENT_SECRET: clientSecret,
  });
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  process.env = variables;
  await simulator.stop();
});

const recipe = <T = Record<string, Type>>(text: string): Promise<T> => folder.run<T>('docs/recipes.md', text);

/** An application as the snippet's reader would have it, listening. */
async function start(...imports: Imports): Promise<INestApplication> {
  const testing = await Test.createTestingModule({ imports }).setLogger(log).compile();
  app = testing.createNestApplication();
  await app.listen(0, '127.0.0.1');
  return app;
}

/** Asks the application over HTTP. */
async function ask(path: string): Promise<Response> {
  const { port } = (app as INestApplication).getHttpServer().address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`);
}

const statusesOf = async (...paths: string[]): Promise<number[]> =>
  Promise.all(paths.map(async (path) => (await ask(path)).status));

const account = (options: Partial<QuiqupAuthModuleOptions> = {}) =>
  QuiqupAuthModule.forRoot({
    baseUrl: simulator.url,
    lastMileUrl: simulator.lastMileUrl,
    ...simulator.clients[0],
    warmUp: 'off',
    ...options,
  });

describe('The recipe', () => {
  it('for the Config module reads the environment', async () => {
    const { ConfiguredModule } = await recipe('class ConfiguredModule');
    const tokens = (await start(ConfiguredModule as Type)).get(QuiqupTokenService);
    expect(simulator.isValid(await tokens.getAccessToken())).toBe(true);
  });

  it('for an axios of your own carries the token, is recovered and repeated', async () => {
    process.env['QUIQUP_TRACKING_URL'] = simulator.lastMileUrl;
    const { OrderTrackingModule, OrderTracking } = await recipe('class OrderTrackingModule');
    const tracking = (await start(account(), OrderTrackingModule as Type)).get<{ list(): Promise<unknown> }>(
      OrderTracking as Type,
    );
    expect(await tracking.list()).toEqual([]);
    simulator.revokeAll();
    simulator.failNext({ status: 503, on: 'resource' });
    expect(await tracking.list()).toEqual([]);
    expect(simulator.counters.tokenRequests).toBe(2);
  });

  it('for fetch and generated clients calls with the token, and survives a revoked one', async () => {
    const { FetchedStockModule, FetchedStock } = await recipe('class FetchedStockModule');
    const stock = (await start(account(), FetchedStockModule as Type)).get<Record<string, () => Promise<number>>>(
      FetchedStock as Type,
    );
    for (const way of ['byOpenapiFetch', 'byKy', 'byHand']) {
      expect(await stock[way]?.()).toBe(200);
      simulator.revokeAll();
      expect(await stock[way]?.()).toBe(200);
    }
  });

  it('for the last-mile API orders a courier and fetches the label', async () => {
    const { CourierModule, Courier } = await recipe('class CourierModule');
    const courier = (await start(account(), CourierModule as Type)).get<{
      order(order: object): Promise<number>;
      label(id: number): Promise<Buffer>;
    }>(Courier as Type);
    const label = await courier.label(await courier.order({ partner_order_id: 'A-1' }));
    expect(label.subarray(0, 5).toString()).toBe('%PDF-');
    expect(simulator.calls.filter(({ kind }) => kind === 'resource').map(({ api }) => api)).toEqual([
      'last-mile',
      'last-mile',
    ]);
  });

  it('for several accounts sends each call with the token of its account', async () => {
    const [dubai, riyadh] = simulator.clients;
    Object.assign(process.env, {
      QUIQUP_DUBAI_CLIENT_ID: dubai.clientId,
      QUIQUP_DUBAI_CLIENT_SECRET: dubai.clientSecret,
      QUIQUP_RIYADH_CLIENT_ID: riyadh?.clientId,
      QUIQUP_RIYADH_CLIENT_SECRET: riyadh?.clientSecret,
    });
    const { BranchOrdersModule, BranchOrders } = await recipe('class BranchOrdersModule');
    const orders = (await start(BranchOrdersModule as Type)).get<{ create(branch: string, order: object): unknown }>(
      BranchOrders as Type,
    );
    for (const branch of ['dubai', 'riyadh', 'dubai']) {
      await orders.create(branch, {});
    }
    const callers = simulator.calls.filter(({ kind }) => kind === 'resource').map(({ clientId }) => clientId);
    expect(callers).toEqual(['simulated-client', 'client-of-riyadh', 'simulated-client']);
  });

  it('for secrets in Kubernetes reads a rotated secret without a restart', async () => {
    const mounted = await mkdtemp(join(tmpdir(), 'quiqup-secret-'));
    const mount = (secret: string) => writeFile(join(mounted, 'client-secret'), `${secret}\n`);
    try {
      await writeFile(join(mounted, 'client-id'), 'simulated-client\n');
      await mount('simulated-secret');
      process.env['QUIQUP_SECRET_FOLDER'] = mounted;
      const { MountedSecretModule } = await recipe('class MountedSecretModule');
      const tokens = (await start(MountedSecretModule as Type)).get(QuiqupTokenService);
      await tokens.getAccessToken();
      simulator.setSecret('simulated-client', 'a-rotated-secret');
      await mount('a-rotated-secret');
      expect(simulator.isValid(await tokens.refresh())).toBe(true);
    } finally {
      await rm(mounted, { recursive: true });
    }
  });

  it('for readiness follows the token, and for liveness does not', async () => {
    const { ProbesModule } = await recipe('class ProbesModule');
    const started = await start(account(), ProbesModule as Type);
    expect(await statusesOf('/health/live', '/health/ready')).toEqual([200, 503]);
    await started.get(QuiqupTokenService).getAccessToken();
    expect(await statusesOf('/health/live', '/health/ready')).toEqual([200, 200]);
  });

  it('for alerts hears of a failed renewal', async () => {
    const { QuiqupAlertsModule } = await recipe('class QuiqupAlertsModule');
    const tokens = (await start(account(), QuiqupAlertsModule as Type)).get(QuiqupTokenService);
    simulator.failNext({ status: 401, on: 'token' });
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED' });
    expect(log.lines).toContain('error [QuiqupAlerts] renewal-failed: QUIQUP_CREDENTIALS_REFUSED');
  });

  it('for a job does its work and closes', async () => {
    const { countOrders } = await recipe<{ countOrders(): Promise<number> }>('function countOrders');
    expect(await countOrders()).toBe(0);
  });
});

describe('The filter of docs/errors.md', () => {
  type AnyError = new (first: unknown, second?: unknown) => QuiqupAuthError;
  const classes = errors as unknown as Record<string, AnyError>;

  @Controller()
  class FailingController {
    constructor(private readonly tokens: QuiqupTokenService) {}

    @Get('failing/:name')
    fail(@Param('name') name: string): never {
      throw new (classes[name] as AnyError)('a reason of ours', 'an account');
    }

    @Get('orders')
    async orders(): Promise<string> {
      return this.tokens.getAccessToken();
    }
  }

  @Module({ controllers: [FailingController] })
  class FailingModule {}

  beforeEach(async () => {
    const snippet = await folder.run<Record<string, Type>>('docs/errors.md', 'class QuiqupAuthErrorModule');
    await start(account(), snippet['QuiqupAuthErrorModule'] as Type, FailingModule);
  });

  it('answers each error as the table says, and keeps the reason in the log', async () => {
    const rows = tableRows(await readFile('docs/errors.md', 'utf8')).filter(([code = '']) =>
      code.startsWith('`QUIQUP'),
    );
    const answered = rows.filter(([, , , status]) => status !== 'at boot only');
    expect(answered.length).toBeGreaterThan(10);
    for (const [code = '', name = '', , status] of answered) {
      const response = await ask(`/failing/${withoutBackticks(name)}`);
      const body = await response.text();
      expect({ name, status: String(response.status), body }).toEqual({
        name,
        status,
        body: expect.stringContaining(withoutBackticks(code)),
      });
      expect(body).not.toContain('a reason of ours');
    }
    expect(log.lines).toContain('warn [QuiqupAuthErrorFilter] a reason of ours');
    expect(log.lines).toContain('error [QuiqupAuthErrorFilter] a reason of ours');
  });

  it('passes on how long Quiqup asks to wait', async () => {
    simulator.failNext({ status: 429, retryAfter: 30, on: 'token', times: 3 });
    const response = await ask('/orders');
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '30']);
  });
});
