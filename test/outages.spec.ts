import { afterEach, describe, expect, it } from '@jest/globals';
import { holdClock, releaseClock, turnClock, turnUntilSettled } from './support/clock.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';

const S = 1_000;
const MINUTE_MS = 60 * S;

let quiqup: QuiqupApp;
const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
  holdClock();
  quiqup = await QuiqupApp.start(options);
};
const get = () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
/** The code of the error that a call for a token ends with, or `token`. */
const outcome = (): Promise<string> =>
  turnUntilSettled(
    quiqup.tokens.getAccessToken().then(
      () => 'token',
      (error: { code: string }) => error.code,
    ),
  );

afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

describe('Retry-After', () => {
  it.each<[string, () => number | string]>([
    ['in seconds', () => 4],
    ['as a date', () => new Date(Date.now() + 4 * S).toUTCString()],
  ])('%s is kept to, within the wait of the same call', async (_form, retryAfter) => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 429, retryAfter: retryAfter() });
    const askedAt = performance.now();
    expect(await outcome()).toBe('token');
    const waitedS = (performance.now() - askedAt) / S;
    // A date has no fractions of a second.
    expect(waitedS).toBeGreaterThanOrEqual(2.9);
    expect(waitedS).toBeLessThan(5);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('that is longer than a call waits fails it at once, and nobody asks before', async () => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 503, retryAfter: 30 });
    const askedAt = performance.now();
    expect(await outcome()).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    expect(performance.now() - askedAt).toBeLessThan(S);
    await turnClock(15 * S);
    expect(await outcome()).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    expect(quiqup.tokenRequests).toBe(1);
    await turnClock(16 * S);
    expect(await outcome()).toBe('token');
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('of a year is not believed', async () => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 429, retryAfter: 365 * 24 * 3_600 });
    await outcome();
    await turnClock(MINUTE_MS + S);
    expect(await outcome()).toBe('token');
  });
});

describe('Credentials that are refused', () => {
  it('make few token requests in an hour under load, and recover without a restart when they change', async () => {
    let secret = 'wrong';
    await start({ module: { clientSecret: () => secret } });
    for (let seconds = 0; seconds < 3_600; seconds += 1) {
      expect(await outcome()).toBe('QUIQUP_CREDENTIALS_REFUSED');
      await turnClock(S);
    }
    // 30 s, doubling to 5 min.
    expect(quiqup.tokenRequests).toBeLessThanOrEqual(16);
    expect(quiqup.log.lines).toHaveLength(1);
    secret = 'simulated-secret';
    await turnClock(S);
    expect(await outcome()).toBe('token');
    expect(quiqup.log.lines.at(-1)).toContain('issues tokens again');
  });

  it('are asked for at most once a second meanwhile', async () => {
    let asked = 0;
    await start({
      module: {
        clientSecret: () => {
          asked += 1;
          return 'wrong';
        },
      },
    });
    await outcome();
    asked = 0;
    for (let count = 0; count < 100; count += 1) {
      await outcome();
    }
    expect(asked).toBeLessThanOrEqual(11);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('are asked for once more at once, for they may have been rotated while they were on their way', async () => {
    const secrets = ['old', 'simulated-secret'];
    await start({ module: { clientSecret: () => secrets.shift() ?? 'simulated-secret' } });
    expect(await outcome()).toBe('token');
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('cost no call while the token is good, and a rotated secret is found before it ends', async () => {
    let secret = 'simulated-secret';
    await start({ simulator: { lifetime: 3_600 }, module: { clientSecret: () => secret } });
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.setSecret('simulated-client', 'rotated');
    for (let minutes = 0; minutes < 55; minutes += 1) {
      await turnClock(MINUTE_MS);
      await quiqup.settled();
      expect((await get()).status).toBe(200);
    }
    expect(quiqup.rotations.at(-1)).toMatchObject({ type: 'renewal-failed' });
    secret = 'rotated';
    for (let minutes = 0; minutes < 10; minutes += 1) {
      await turnClock(MINUTE_MS);
      await quiqup.settled();
      expect((await get()).status).toBe(200);
    }
    expect(quiqup.rotations.at(-1)).toMatchObject({ type: 'acquired' });
  });
});

describe('A renewal in the background', () => {
  it('that fails, whatever way, costs no call and not the one after it either, and is tried again', async () => {
    await start({ simulator: { lifetime: 100 } });
    const failures: (() => void)[] = [
      () => quiqup.simulator.failNext({ on: 'token', status: 503 }),
      () => quiqup.simulator.failNext({ on: 'token', status: 429, retryAfter: 1 }),
      () => quiqup.simulator.failNext({ on: 'token', status: 200, body: '<html>' }),
      () => quiqup.simulator.failNext({ on: 'token', status: 400, body: { error: 'invalid_token_reuse' } }),
    ];
    await quiqup.tokens.getAccessToken();
    for (const fail of failures) {
      const before = quiqup.tokenRequests;
      fail();
      while (quiqup.tokenRequests === before) {
        await turnClock(S);
        expect((await get()).status).toBe(200);
      }
      await quiqup.settled();
      expect(quiqup.rotations.at(-1)).toMatchObject({ type: 'renewal-failed' });
      expect((await get()).status).toBe(200);
      expect((await get()).status).toBe(200);
      await turnClock(2 * S);
      await quiqup.settled();
      expect(quiqup.rotations.at(-1)).toMatchObject({ type: 'acquired' });
    }
  });
});
