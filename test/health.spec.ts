import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type BeforeApplicationShutdown, type INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import axios from 'axios';
import {
  getQuiqupProviderToken,
  InjectQuiqup,
  QuiqupAuthModule,
  QuiqupHealthIndicator,
  QuiqupTokenService,
  type QuiqupAuthModuleOptions,
  type QuiqupHealth,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import type { AddressInfo } from 'node:net';
import { AccountRuntime } from '../lib/accounts/index.js';
import { holdClock, releaseClock, turnClock, turnUntilSettled } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

const HOUR_S = 3_600;
const HOUR_MS = HOUR_S * 1_000;

const lastWords: QuiqupHealth[] = [];

@Controller('health')
class HealthController implements BeforeApplicationShutdown {
  constructor(
    private readonly health: HealthCheckService,
    private readonly quiqup: QuiqupHealthIndicator,
    @InjectQuiqup(QuiqupHealthIndicator, 'dubai') private readonly dubai: QuiqupHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.quiqup.check()]);
  }

  /** As for Terminus 11. */
  @Get('strict')
  @HealthCheck()
  checkStrictly() {
    return this.health.check([() => this.quiqup.check('quiqup', { degradedAs: 'down' })]);
  }

  @Get('all')
  @HealthCheck()
  checkAll() {
    return this.health.check([() => this.quiqup.check(), () => this.dubai.check('quiqup-dubai')]);
  }

  beforeApplicationShutdown(): void {
    lastWords.push(this.quiqup.check().quiqup);
  }
}

@Module({ imports: [TerminusModule.forRoot({ logger: false })], controllers: [HealthController] })
class HealthModule {}

let simulator: QuiqupSimulator;
let app: INestApplication;

async function start(options: Partial<QuiqupAuthModuleOptions> = {}): Promise<void> {
  simulator = await new QuiqupSimulator({ lifetime: HOUR_S }).start();
  const account = { baseUrl: simulator.url, ...simulator.clients[0], warmUp: 'off' as const, ...options };
  const testing = await Test.createTestingModule({
    imports: [
      QuiqupAuthModule.forRoot(account),
      QuiqupAuthModule.forRoot({ ...account, name: 'dubai', cache: undefined }),
      HealthModule,
    ],
  })
    .setLogger(new RecordedLog())
    .compile();
  app = testing.createNestApplication();
  await app.listen(0, '127.0.0.1');
}

async function report(path = ''): Promise<{ status: number; quiqup: QuiqupHealth; [key: string]: unknown }> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const { status, data } = await axios.get<{ status: string; details: { quiqup: QuiqupHealth } }>(
    `http://127.0.0.1:${port}/health${path}`,
    { validateStatus: () => true },
  );
  return { status, overall: data.status, ...data.details };
}

const tokens = () => app.get(QuiqupTokenService);
const indicator = () => app.get(QuiqupHealthIndicator);
const settled = () => eventually(() => !app.get(AccountRuntime).renewal.isRunning, 'the renewal ended');
const isoDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);

afterEach(async () => {
  releaseClock();
  await app.close();
  await simulator.stop();
});

describe('An account', () => {
  it('is up while there is a good token, and tells how long and where from', async () => {
    await start();
    await tokens().getAccessToken();
    expect(await report()).toEqual({
      status: 200,
      overall: 'ok',
      quiqup: {
        status: 'up',
        token: { source: 'endpoint', expiresIn: expect.any(Number) },
        lastRenewal: { at: isoDate, result: 'success' },
        store: { status: 'up' },
      },
    });
    const { expiresIn } = indicator().check().quiqup.token as { expiresIn: number };
    expect(expiresIn).toBeGreaterThan(HOUR_S - 10);
    expect(expiresIn).toBeLessThanOrEqual(HOUR_S);
  });

  it('is down before its first token, and says why', async () => {
    await start();
    expect(await report()).toEqual({
      status: 503,
      overall: 'error',
      quiqup: {
        status: 'down',
        reason: 'no-token-yet',
        message: expect.stringContaining("warmUp 'off'"),
        store: { status: 'up' },
      },
    });
  });

  it('is up after the warm-up, with no call made', async () => {
    await start({ warmUp: 'await' });
    expect(await report()).toMatchObject({ status: 200, quiqup: { status: 'up' } });
  });

  it('is down when the first token cannot be had, with the error, its remedy and the next attempt', async () => {
    await start({ clientSecret: 'wrong' });
    await tokens()
      .getAccessToken()
      .catch(() => undefined);
    expect(await report()).toMatchObject({
      status: 503,
      quiqup: {
        status: 'down',
        reason: 'renewal-failed',
        message: expect.stringMatching(/client/i),
        lastRenewal: { at: isoDate, result: 'QUIQUP_CREDENTIALS_REFUSED', nextAttemptAt: isoDate },
      },
    });
  });

  it('is degraded while its renewal fails and the token is good, down once that has ended, and up again', async () => {
    holdClock();
    await start();
    await tokens().getAccessToken();
    simulator.failNext({ on: 'token', status: 503, times: Infinity });
    await turnClock(0.85 * HOUR_MS);
    await settled();
    const failing = await report();
    expect(failing).toMatchObject({
      status: 200,
      overall: 'degraded',
      quiqup: {
        status: 'degraded',
        reason: 'renewal-failed',
        message: expect.stringContaining('Calls go on'),
        lastRenewal: { result: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', nextAttemptAt: isoDate },
      },
    });
    expect(failing.quiqup.token?.expiresIn).toBeGreaterThan(0);
    expect(await report('/strict')).toMatchObject({
      status: 503,
      quiqup: { status: 'down', reason: 'renewal-failed', token: { source: 'endpoint' } },
    });

    await turnClock(0.2 * HOUR_MS);
    await settled();
    expect(await report()).toMatchObject({
      status: 503,
      quiqup: { status: 'down', reason: 'renewal-failed', token: { expiresIn: 0 } },
    });

    const { port } = new URL(simulator.url);
    await simulator.stop();
    simulator = await new QuiqupSimulator({ lifetime: HOUR_S, port: Number(port) }).start();
    await turnUntilSettled(tokens().getAccessToken());
    expect(await report()).toMatchObject({ status: 200, quiqup: { status: 'up', lastRenewal: { result: 'success' } } });
  });

  it('is down when its token has ended and nothing renews it', async () => {
    holdClock();
    await start({ refresh: { enabled: false } });
    await tokens().getAccessToken();
    await turnClock(HOUR_MS + 1);
    expect(await report()).toMatchObject({
      status: 503,
      quiqup: { status: 'down', reason: 'token-expired', message: expect.stringContaining('refresh.enabled') },
    });
  });

  it('is degraded while a refused token is being replaced', async () => {
    await start();
    const refused = await tokens().getAccessToken();
    simulator.stall(300, { on: 'token' });
    const replaced = tokens().reject(refused);
    expect(await report()).toMatchObject({ status: 200, quiqup: { status: 'degraded', reason: 'token-refused' } });
    await replaced;
    expect(await report()).toMatchObject({ status: 200, quiqup: { status: 'up' } });
  });

  it('is degraded while its store is lost, with for how long, and up once it is back', async () => {
    const redis = await RedisServer.start();
    try {
      await start({ cache: { redis: redis.url } });
      await tokens().getAccessToken();
      await redis.kill();
      await tokens().refresh();
      const lost = await report();
      expect(lost).toMatchObject({
        status: 200,
        overall: 'degraded',
        quiqup: {
          status: 'degraded',
          reason: 'store-lost',
          message: expect.stringContaining('Check Redis'),
          store: { status: 'lost', lostFor: expect.any(Number) },
        },
      });
      expect(lost.quiqup.store.lostFor).toBeLessThan(10);
      await redis.restart();
      await eventually(() => indicator().check().quiqup.status === 'up', 'the store was back');
      expect((await report()).quiqup.store).toEqual({ status: 'up' });
    } finally {
      await redis.stop();
    }
  });

  it('tells a token of another instance by its source', async () => {
    const redis = await RedisServer.start();
    try {
      await start({ cache: { redis: redis.url } });
      await tokens().getAccessToken();
      const { clientId, clientSecret } = simulator.clients[0];
      const second = await Test.createTestingModule({
        imports: [
          QuiqupAuthModule.forRoot({
            baseUrl: simulator.url,
            clientId,
            clientSecret,
            cache: { redis: redis.url },
            warmUp: 'await',
          }),
        ],
      }).compile();
      await second.init();
      expect(second.get(QuiqupHealthIndicator).check().quiqup.token?.source).toBe('store');
      await second.close();
    } finally {
      await redis.stop();
    }
  });

  it('is up while the last requests are answered, and down after the shutdown', async () => {
    await start();
    await tokens().getAccessToken();
    const quiqup = indicator();
    await app.close();
    expect(lastWords.at(-1)).toMatchObject({ status: 'up' });
    expect(quiqup.check()).toMatchObject({ quiqup: { status: 'down', reason: 'shut-down' } });
  });

  it('is told apart from another by its name', async () => {
    await start();
    await app.get<QuiqupTokenService>(getQuiqupProviderToken(QuiqupTokenService, 'dubai')).getAccessToken();
    expect(await report('/all')).toMatchObject({
      status: 503,
      quiqup: { status: 'down' },
      'quiqup-dubai': { status: 'up' },
    });
  });
});

describe('A health report', () => {
  it('costs no request', async () => {
    await start();
    await tokens().getAccessToken();
    simulator.resetCounters();
    for (let count = 0; count < 10; count += 1) {
      await report();
    }
    expect(simulator.counters).toMatchObject({ tokenRequests: 0, calls: 0 });
  });

  it('holds no token, no secret and no client id, whatever the state', async () => {
    await start();
    const { clientId, clientSecret } = simulator.clients[0];
    const seen = [clientId, clientSecret, await tokens().getAccessToken()];
    const reports = [indicator().check()];
    simulator.failNext({
      on: 'token',
      status: 401,
      body: { error: 'invalid_client', error_description: seen.join(' ') },
    });
    await tokens()
      .refresh()
      .catch(() => undefined);
    reports.push(indicator().check());
    await app.close();
    reports.push(indicator().check());
    expect(reports.map(({ quiqup }) => quiqup.status)).toEqual(['up', 'degraded', 'down']);
    expect(seen.flatMap((secret) => waysTo(secret, reports))).toEqual([]);
  });
});
