import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { getQuiqupProviderToken, QuiqupAuthModule, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';
import { RecordedLog } from './support/recorded-log.js';
import { RedisServer } from './support/redis-server.js';

const MINUTE_MS = 60_000;

let quiqup: QuiqupApp;
const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
  quiqup = await QuiqupApp.start(options);
};
const get = () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');

async function passMinutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 10) {
    await turnClock(10 * MINUTE_MS);
    await quiqup.settled();
    await get().catch(() => undefined);
  }
}

afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

describe('The log', () => {
  it('of a quiet day has a line for the first token and no more, start and end included', async () => {
    holdClock();
    await start({ module: { warmUp: 'await' } });
    await passMinutes(24 * 60);
    expect(quiqup.tokenRequests).toBeGreaterThan(20);
    releaseClock();
    await quiqup.app.close();
    expect(quiqup.log.lines).toEqual([]);
    expect(quiqup.log.firstTokens).toEqual(['[QuiqupAuth] Token acquired, valid for 3600 s.']);
  });

  it('has one line when the endpoint goes and one when it is back, however often it was asked', async () => {
    holdClock();
    await start({ module: { warmUp: 'await' } });
    await passMinutes(40);
    quiqup.simulator.failNext({ on: 'token', status: 503, times: 8 });
    await passMinutes(60);
    expect(quiqup.events.filter(({ type }) => type === 'renewal-failed')).toHaveLength(8);
    expect(quiqup.log.lines).toEqual([
      expect.stringMatching(/^warn \[QuiqupAuth\] /),
      'log [QuiqupAuth] The token endpoint issues tokens again.',
    ]);
  });

  it('names the account whose store goes', async () => {
    await start();
    const { url, clients } = quiqup.simulator;
    const log = new RecordedLog();
    const options = { baseUrl: url, ...clients[0], cache: { redis: 'redis://127.0.0.1:1' }, warmUp: 'off' as const };
    const app = await Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot({ ...options, name: 'dubai' })] })
      .setLogger(log)
      .compile();
    await app.get<QuiqupTokenService>(getQuiqupProviderToken(QuiqupTokenService, 'dubai')).getAccessToken();
    await app.close();
    expect(log.lines).toEqual([expect.stringMatching(/^warn \[QuiqupAuthStore:dubai\] .*\(ECONNREFUSED\)/)]);
  });

  it('has one line when the store goes and one when it is back', async () => {
    const redis = await RedisServer.start();
    try {
      await start({ module: { cache: { redis: redis.url } } });
      await get();
      await redis.kill();
      for (let count = 0; count < 3; count += 1) {
        await quiqup.tokens.refresh();
      }
      await redis.restart();
      await eventually(() => quiqup.events.some(({ type }) => type === 'store-back'), 'the store was back');
      expect(quiqup.log.lines).toEqual([
        expect.stringMatching(/^warn \[QuiqupAuthStore\] The token store does not answer/),
        'log [QuiqupAuthStore] The token store is back.',
      ]);
    } finally {
      await redis.stop();
    }
  });
});
