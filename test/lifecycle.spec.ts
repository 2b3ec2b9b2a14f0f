import { afterEach, describe, expect, it } from '@jest/globals';
import KeyvRedis, { createKeyv, type RedisClientType } from '@keyv/redis';
import { Injectable, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import axios from 'axios';
import {
  QuiqupAuthModule,
  QuiqupConfigError,
  QuiqupCredentialsRefusedError,
  QuiqupHttpService,
  QuiqupShutDownError,
} from 'nestjs-quiqup-auth';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { describeOnEachStore } from './support/each-store.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { RedisServer } from './support/redis-server.js';

const TIMER = 'quiqup-auth:refresh';

let quiqup: QuiqupApp;
afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

@Injectable()
class Jobs {
  ticks = 0;

  @Interval(1_000)
  tick(): void {
    this.ticks += 1;
  }
}

@Module({ imports: [ScheduleModule.forRoot()], providers: [Jobs] })
class ApplicationWithJobs {}

describe('The timer', () => {
  it("stands in the application's own registry, and runs none of its jobs twice", async () => {
    holdClock();
    quiqup = await QuiqupApp.start({ imports: [ApplicationWithJobs] });
    const registry = quiqup.app.get(SchedulerRegistry);
    await quiqup.tokens.getAccessToken();
    expect(registry.getTimeouts()).toEqual([TIMER]);
    await turnClock(3_000);
    expect(quiqup.app.get(Jobs).ticks).toBe(3);
    await quiqup.app.close();
    expect(registry.getTimeouts()).toEqual([]);
  });

  it('needs no ScheduleModule', async () => {
    holdClock();
    quiqup = await QuiqupApp.start({ simulator: { lifetime: 60 } });
    await quiqup.tokens.getAccessToken();
    await turnClock(60_000);
    await quiqup.eventually('acquired', 2);
    expect(quiqup.events.at(-1)).toMatchObject({ type: 'acquired', cause: 'schedule' });
  });

  it('is one, set anew after every rotation, whoever caused it', async () => {
    holdClock();
    quiqup = await QuiqupApp.start({ imports: [ScheduleModule.forRoot()], simulator: { lifetime: 100 } });
    const registry = quiqup.app.get(SchedulerRegistry);
    await quiqup.tokens.getAccessToken();
    await turnClock(50_000);
    await quiqup.tokens.refresh();
    quiqup.simulator.resetCounters();
    // The first token would have been renewed here; the second has half of its life before it.
    await turnClock(60_000 - 50_000 + 24_000);
    expect(quiqup.tokenRequests).toBe(0);
    expect(registry.getTimeouts()).toEqual([TIMER]);
    quiqup.simulator.revokeAll();
    await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
    await turnClock(74_000);
    expect(quiqup.tokenRequests).toBe(1);
    expect(registry.getTimeouts()).toEqual([TIMER]);
  });

  it('keeps no process alive', async () => {
    quiqup = await QuiqupApp.start({ imports: [ScheduleModule.forRoot()] });
    await quiqup.tokens.getAccessToken();
    const timer = quiqup.app.get(SchedulerRegistry).getTimeout(TIMER) as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
  });

  it('is not set when refresh.enabled is false', async () => {
    quiqup = await QuiqupApp.start({
      imports: [ScheduleModule.forRoot()],
      module: { refresh: { enabled: false } },
    });
    await quiqup.tokens.getAccessToken();
    expect(quiqup.app.get(SchedulerRegistry).getTimeouts()).toEqual([]);
  });
});

describe('The warm-up', () => {
  it('in the background does not hold up the boot', async () => {
    quiqup = await QuiqupApp.start({ module: { warmUp: 'background' } });
    expect(quiqup.tokens.peek()).toBeUndefined();
    await quiqup.eventually('acquired');
    expect(quiqup.rotations).toMatchObject([{ type: 'acquired', cause: 'warm-up' }]);
  });

  it('in the background says in one line what is wrong, and the application starts', async () => {
    quiqup = await QuiqupApp.start({ module: { warmUp: 'background', clientSecret: 'wrong' } });
    await quiqup.eventually('renewal-failed');
    expect(quiqup.log.lines).toEqual([expect.stringMatching(/^warn \[QuiqupAuth\] Quiqup refused the client id/)]);
  });

  it('that is awaited has the token there when the application has started', async () => {
    quiqup = await QuiqupApp.start({ module: { warmUp: 'await' } });
    expect(quiqup.tokens.peek()).toHaveLength(64);
  });

  it('that is awaited fails the boot when the credentials are refused', async () => {
    quiqup = await QuiqupApp.start();
    await expect(
      QuiqupApp.start({ simulator: quiqup.simulator, module: { warmUp: 'await', clientSecret: 'wrong' } }),
    ).rejects.toThrow(QuiqupCredentialsRefusedError);
  });

  it('that is awaited starts the application all the same when Quiqup is unwell', async () => {
    quiqup = await QuiqupApp.start();
    await quiqup.simulator.stop();
    const started = await QuiqupApp.start({
      module: {
        baseUrl: quiqup.simulator.url,
        warmUp: 'await',
        timeouts: { tokenRequest: 40, lock: 50, wait: 1_050 },
      },
    });
    await started.stop();
    expect(started.events.length).toBeGreaterThan(0);
  });

  it('that is off leaves the first token to the first call', async () => {
    quiqup = await QuiqupApp.start({ module: { warmUp: 'off' } });
    await quiqup.settled();
    expect(quiqup.tokenRequests).toBe(0);
    await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
    expect(quiqup.tokenRequests).toBe(1);
  });
});

describeOnEachStore('Shutting down', (cache) => {
  it('during a token request ends it and everybody’s wait, and frees the lock', async () => {
    // Limits that would not end it while the test waits.
    const timeouts = { tokenRequest: 60_000, lock: 61_000, wait: 62_000 };
    quiqup = await QuiqupApp.start({ module: { cache: cache(), timeouts } });
    quiqup.simulator.stall(Infinity, { on: 'token' });
    const calls = [
      quiqup.tokens.getAccessToken(),
      quiqup.quiqup.axiosRef.get('/api/fulfilment/orders'),
      quiqup.tokens.refresh(),
    ];
    const outcomes = Promise.allSettled(calls);
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    await quiqup.app.close();
    for (const outcome of await outcomes) {
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(QuiqupShutDownError);
    }
    const next = await QuiqupApp.start({ simulator: quiqup.simulator, module: { cache: cache() } });
    await next.tokens.getAccessToken();
    expect(quiqup.tokenRequests).toBe(2);
    await next.app.close();
  });

  it('ends the schedule, and asks for nothing more', async () => {
    holdClock();
    quiqup = await QuiqupApp.start({ module: { cache: cache() } });
    await quiqup.tokens.getAccessToken();
    let isComplete = false;
    quiqup.tokens.events$.subscribe({ complete: () => (isComplete = true) });
    await quiqup.app.close();
    expect(isComplete).toBe(true);
    await turnClock(7_200_000);
    expect(quiqup.tokenRequests).toBe(1);
    await expect(quiqup.tokens.getAccessToken()).rejects.toThrow(QuiqupShutDownError);
    await expect(quiqup.quiqup.axiosRef.get('/api/fulfilment/orders')).rejects.toThrow(QuiqupShutDownError);
  });
});

describe('Shutting down', () => {
  it('answers the calls of requests that are still being served, even when their token was revoked', async () => {
    const statuses: number[] = [];
    @Injectable()
    class LastRequest implements BeforeApplicationShutdown {
      constructor(private readonly http: QuiqupHttpService) {}

      async beforeApplicationShutdown(): Promise<void> {
        quiqup.simulator.revokeAll();
        statuses.push((await this.http.axiosRef.get('/api/fulfilment/orders')).status);
      }
    }
    @Module({ providers: [LastRequest] })
    class Application {}
    quiqup = await QuiqupApp.start({ imports: [Application] });
    await quiqup.tokens.getAccessToken();
    await quiqup.app.close();
    expect(statuses).toEqual([200]);
  });

  it.each([
    ['', () => undefined],
    [' even when Redis hangs', (redis: RedisServer) => redis.freeze()],
  ])('closes the connection to Redis that the module opened%s', async (_when, prepare) => {
    const redis = await RedisServer.start();
    const observer = createKeyv(redis.url);
    try {
      const client = (await (observer.store as KeyvRedis<unknown>).getClient()) as RedisClientType;
      quiqup = await QuiqupApp.start({ module: { cache: { redis: redis.url }, timeouts: { store: 100 } } });
      await quiqup.tokens.getAccessToken();
      expect(await client.clientList()).toHaveLength(2);
      prepare(redis);
      await quiqup.app.close();
      redis.thaw();
      let connections = 2;
      await eventually(() => {
        void client.clientList().then((clients) => (connections = clients.length));
        return connections === 1;
      }, 'the connection was gone');
    } finally {
      await observer.disconnect();
      await redis.stop();
    }
  });

  it('twice, or before anything was asked for, is harmless', async () => {
    quiqup = await QuiqupApp.start();
    await quiqup.app.close();
    await quiqup.app.close();
  });

  it('leaves an axios instance that outlives the application to the next one', async () => {
    const http = axios.create();
    quiqup = await QuiqupApp.start();
    const orders = `${quiqup.simulator.url}api/fulfilment/orders`;
    quiqup.interceptor.attach(http);
    expect((await http.get(orders)).status).toBe(200);
    await quiqup.app.close();
    const next = await QuiqupApp.start({ simulator: quiqup.simulator });
    next.interceptor.attach(http);
    quiqup.simulator.revokeAll();
    expect((await http.get(orders)).status).toBe(200);
    expect(next.tokens.peek()).toBeDefined();
    await next.app.close();
    await expect(http.get(orders)).rejects.toMatchObject({ response: { status: 401 } });
  });
});

describe('Two registrations', () => {
  it('in one application are an error at boot that says what to do', async () => {
    quiqup = await QuiqupApp.start();
    const { clientId, clientSecret } = quiqup.simulator.clients[0];
    const options = { baseUrl: quiqup.simulator.url, clientId, clientSecret };
    @Module({ imports: [QuiqupAuthModule.forRoot({ ...options, warmUp: 'off' })] })
    class Feature {}
    const booting = Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot(options), Feature] })
      .setLogger(quiqup.log)
      .compile()
      .then((app) => app.init());
    await expect(booting).rejects.toThrow(QuiqupConfigError);
    await expect(booting).rejects.toThrow(/registered 2 times.*once, in the root module/);
  });

  it('in two applications of one process, as tests have them, do not meet', async () => {
    quiqup = await QuiqupApp.start();
    const other = await QuiqupApp.start();
    const tokens = await Promise.all([quiqup.tokens.getAccessToken(), other.tokens.getAccessToken()]);
    expect(new Set(tokens).size).toBe(2);
    await other.stop();
  });
});
