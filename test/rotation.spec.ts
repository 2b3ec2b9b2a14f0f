import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { QuiqupSimulatorPolicy } from 'nestjs-quiqup-auth/testing';
import { holdClock, releaseClock, turnClock, turnToNextTimer } from './support/clock.js';
import { describeOnEachStore } from './support/each-store.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';

const ROTATIONS = 20;
const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const LIFETIMES_S = [1, 2, 30, HOUR_S, 7 * DAY_S];

let quiqup: QuiqupApp;
const start = async (options: QuiqupAppOptions): Promise<void> => {
  holdClock();
  quiqup = await QuiqupApp.start(options);
  await quiqup.tokens.getAccessToken();
};
const call = () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');

afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

describeOnEachStore('Rotations', (cache) => {
  const rotate = async (policy: QuiqupSimulatorPolicy, lifetime: number, rotations: number): Promise<void> => {
    await start({ simulator: { policy, lifetime }, module: { cache: cache() } });
    while (quiqup.simulator.counters.tokensIssued <= rotations) {
      await (lifetime > DAY_S ? turnClock(HOUR_S * 1_000) : turnToNextTimer());
      if (policy === 'revoke') {
        // The renewal revokes the token of a call that is on its way.
        await quiqup.settled();
      }
      await call();
      await quiqup.settled();
    }
  };

  describe.each(LIFETIMES_S)('of a token that lives %d s', (lifetime) => {
    // The refresher wakes each minute, which is ten thousand times in a week.
    const rotations = lifetime > DAY_S ? 2 : 20;

    it.each(['fresh', 'revoke'] as const)('cost one token request each (%s)', async (policy) => {
      await rotate(policy, lifetime, rotations);
      expect(quiqup.tokenRequests).toBe(1 + rotations);
      expect(quiqup.simulator.counters.unauthorized).toBe(0);
      const rotationS = performance.now() / 1_000 / rotations;
      expect(rotationS / lifetime).toBeGreaterThan(0.75);
      expect(rotationS / lifetime).toBeLessThanOrEqual(0.8 + 1 / rotations);
    });

    it('cost about three each, and fail no call (reuse)', async () => {
      await rotate('reuse', lifetime, rotations);
      expect(quiqup.tokenRequests).toBeLessThanOrEqual(1 + 3.5 * rotations);
      // Those that were sent at the very end of a token, and then recovered.
      expect(quiqup.simulator.counters.unauthorized).toBeLessThanOrEqual(rotations);
    });
  });
});

describe('Without the timer', () => {
  it.each(['fresh', 'revoke'] as const)('calls alone keep the token good (%s)', async (policy) => {
    await start({ simulator: { policy, lifetime: 60 }, module: { refresh: { enabled: false } } });
    while (quiqup.simulator.counters.tokensIssued <= ROTATIONS) {
      await turnClock(1_000);
      await call();
      await quiqup.settled();
    }
    expect(quiqup.tokenRequests).toBe(1 + ROTATIONS);
    expect(quiqup.simulator.counters.unauthorized).toBe(0);
  });

  it('nobody asks for a token that nobody needs', async () => {
    await start({ simulator: { lifetime: 60 }, module: { refresh: { enabled: false } } });
    await turnClock(DAY_S * 1_000);
    expect(quiqup.tokenRequests).toBe(1);
    await call();
    expect(quiqup.tokenRequests).toBe(2);
  });
});

describe('A token of 100 s', () => {
  let first: string;
  beforeEach(async () => {
    await start({ simulator: { lifetime: 100 }, module: { refresh: { enabled: false } } });
    first = quiqup.tokens.peek() ?? '';
  });

  it('is served from memory while it is fresh', async () => {
    await turnClock(74_000);
    expect(quiqup.tokens.peek()).toBe(first);
    await quiqup.settled();
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('is served at once when it is stale, while one renewal runs for all', async () => {
    await turnClock(81_000);
    for (let times = 0; times < 50; times += 1) {
      expect(quiqup.tokens.peek()).toBe(first);
    }
    await quiqup.settled();
    expect(quiqup.tokens.peek()).not.toBe(first);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('is not served when it is expiring and the next is to be had', async () => {
    await turnClock(91_000);
    expect(quiqup.tokens.peek()).toBeUndefined();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => quiqup.tokens.getAccessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(first);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it.each([
    ['1 s', 91_000, 1_000],
    ['half of what is left', 99_000, 500],
  ])('is served after %s when it is expiring and the endpoint takes its time', async (_limit, turnedMs, waitMs) => {
    await turnClock(turnedMs);
    quiqup.simulator.stall(5_000, { on: 'token' });
    let served: string | undefined;
    const waiting = quiqup.tokens.getAccessToken().then((token) => (served = token));
    await eventually(() => quiqup.tokenRequests === 2, 'the endpoint was asked');
    await turnClock(waitMs - 20);
    expect(served).toBeUndefined();
    await turnClock(20);
    expect(served).toBe(first);
    await waiting;
    await turnClock(5_000);
    await quiqup.settled();
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('is served at once when it is expiring and the endpoint has just failed', async () => {
    await turnClock(91_000);
    quiqup.simulator.failNext({ on: 'token', status: 503, times: Infinity });
    expect(await quiqup.tokens.getAccessToken()).toBe(first);
    expect(await quiqup.tokens.getAccessToken()).toBe(first);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('is never served once it has expired', async () => {
    await turnClock(100_000);
    expect(quiqup.tokens.peek()).toBeUndefined();
    quiqup.simulator.stall(5_000, { on: 'token' });
    let served: string | undefined;
    const waiting = quiqup.tokens.getAccessToken().then((token) => (served = token));
    await turnClock(4_000);
    expect(served).toBeUndefined();
    await turnClock(1_000);
    await waiting;
    expect(served).not.toBe(first);
  });
});

describe('The timer', () => {
  it('that fires a moment early, as timers may, costs that moment alone', async () => {
    await start({ simulator: { lifetime: 100 } });
    const { staleAt } = quiqup.events.findLast(({ type }) => type === 'acquired') as { staleAt: Date };
    const untilStaleMs = staleAt.getTime() - Date.now();
    const now = performance.now.bind(performance);
    const lag = jest.spyOn(performance, 'now').mockImplementation(() => now() - 2);
    try {
      await turnClock(untilStaleMs + 10);
      await quiqup.settled();
      expect(quiqup.tokenRequests).toBe(2);
    } finally {
      lag.mockRestore();
    }
  });
});

describe('A renewal that fails', () => {
  it('costs no call while the token is good, and the schedule outlives an outage', async () => {
    await start({ simulator: { lifetime: HOUR_S } });
    await turnClock(0.75 * HOUR_S * 1_000);
    quiqup.simulator.failNext({ on: 'token', status: 503, times: Infinity });
    for (let minutes = 0; minutes < 10; minutes += 0.5) {
      await turnClock(30_000);
      await quiqup.settled();
      expect((await call()).status).toBe(200);
    }
    const failures = quiqup.events.filter(({ type }) => type === 'renewal-failed');
    expect(failures.length).toBeGreaterThan(3);
    expect(quiqup.log.lines.filter((line) => line.includes('cannot answer'))).toHaveLength(1);

    await quiqup.simulator.stop();
    await quiqup.simulator.start();
    for (let minutes = 0; minutes < 3; minutes += 0.5) {
      await turnClock(30_000);
      await quiqup.settled();
    }
    expect(quiqup.events.at(-1)).toMatchObject({ type: 'acquired', cause: 'schedule' });
    expect(quiqup.log.lines.at(-1)).toContain('issues tokens again');
    const requests = quiqup.tokenRequests;
    await turnClock(0.9 * HOUR_S * 1_000);
    await quiqup.settled();
    expect(quiqup.tokenRequests).toBe(requests + 1);
  });
});

describe('Odd lifetimes', () => {
  it.each([
    ['100 years, beyond what timers can hold', 100 * 365 * DAY_S, DAY_S, 100 * 365 * DAY_S],
    ['no expiry at all, taken for an hour', Infinity, DAY_S, HOUR_S],
    ['expires_in 0, taken for a second', 0.4, 60, 1],
  ])('%s: no storm of token requests', async (_name, lifetime, watchedS, knownS) => {
    await start({ simulator: { lifetime } });
    while (performance.now() < watchedS * 1_000) {
      await turnToNextTimer();
      await quiqup.settled();
    }
    const rotations = performance.now() / 1_000 / knownS;
    expect(quiqup.tokenRequests).toBeGreaterThanOrEqual(1 + Math.floor(rotations / 0.8));
    expect(quiqup.tokenRequests).toBeLessThanOrEqual(1 + Math.ceil(rotations / 0.75));
  });

  it('takes assumedLifetime where the answer names none', async () => {
    await start({ simulator: { lifetime: Infinity }, module: { assumedLifetime: 60 } });
    const { expiresAt } = await quiqup.tokens.getToken();
    expect((expiresAt.getTime() - Date.now()) / 1_000).toBeCloseTo(60, 0);
  });

  it('fail no call when the wall clock jumps: forward it looks like sleep, and back like nothing', async () => {
    await start({ simulator: { lifetime: HOUR_S } });
    for (const hours of [3, -6, 48, -48]) {
      jest.setSystemTime(Date.now() + hours * HOUR_S * 1_000);
      await turnClock(60_000);
      expect((await call()).status).toBe(200);
    }
    expect(quiqup.tokenRequests).toBe(3);
  });
});
