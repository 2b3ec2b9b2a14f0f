import { afterEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosRequestConfig } from 'axios';
import type { QuiqupSimulatorPolicy } from 'nestjs-quiqup-auth/testing';
import { holdClock, releaseClock, turnClock, turnUntilSettled } from './support/clock.js';
import { describeOnEachStore } from './support/each-store.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';

const S = 1_000;

let quiqup: QuiqupApp;
const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
  holdClock();
  quiqup = await QuiqupApp.start(options);
};
/** The status of a call, without an error. */
const call = async (config?: AxiosRequestConfig): Promise<number> =>
  (await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders', { validateStatus: () => true, ...config })).status;
/** A call that Quiqup answers with 401 for every token. */
const callWithoutRight = (): Promise<number> =>
  call({
    adapter: (config) => Promise.resolve({ status: 401, statusText: '', headers: {}, data: '', config }),
  });
/** A call that reaches Quiqup only after it has been asked for a token once more. */
const lateCall = (): Promise<number> => {
  const before = quiqup.tokenRequests;
  return call({
    adapter: async (config) => {
      await eventually(() => quiqup.tokenRequests > before, 'the endpoint was asked');
      return axios.getAdapter('http')(config);
    },
  });
};
const warnings = () => quiqup.log.lines.filter((line) => line.startsWith('warn'));

afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

describeOnEachStore('An API that always answers 401', (cache) => {
  it('costs at most 4 token requests for 1,000 calls within 30 s, one line in the log and one event', async () => {
    await start({ module: { cache: cache() } });
    quiqup.simulator.failNext({ status: 401, on: 'resource', times: Infinity });
    for (let count = 0; count < 1_000; count += 1) {
      expect(await call()).toBe(401);
      await turnClock(29.9);
    }
    expect(quiqup.tokenRequests).toBeLessThanOrEqual(4);
    expect(warnings()).toEqual([
      expect.stringMatching(/answers 401 to calls with new tokens too.*right for those calls/),
    ]);
    expect(quiqup.events.filter(({ type }) => type === 'budget-exhausted')).toHaveLength(1);
  });
});

describe('A call that the client has no right for', () => {
  it.each<QuiqupSimulatorPolicy>(['fresh', 'revoke', 'reuse'])(
    'costs the calls beside it nothing (%s)',
    async (policy) => {
      await start({ simulator: { policy } });
      expect(await call()).toBe(200);
      for (let count = 0; count < 20; count += 1) {
        expect(await callWithoutRight()).toBe(401);
        expect(await call()).toBe(200);
        await turnClock(S);
      }
      expect(quiqup.tokenRequests).toBeLessThanOrEqual(4);
    },
  );

  it('takes no credit for the calls that its token requests have revoked the token of', async () => {
    // So long that the late calls find the request still under way.
    quiqup = await QuiqupApp.start({ simulator: { policy: 'revoke', latency: 30 } });
    expect(await call()).toBe(200);
    for (let count = 0; count < 3; count += 1) {
      const late = Array.from({ length: 3 }, lateCall);
      expect(await callWithoutRight()).toBe(401);
      expect(await Promise.all(late)).toEqual([200, 200, 200]);
    }
    expect(quiqup.simulator.counters.unauthorized).toBe(9);
    for (let count = 0; count < 10; count += 1) {
      expect(await callWithoutRight()).toBe(401);
    }
    expect(quiqup.tokenRequests).toBe(4);
  });

  it('is given another chance as time goes by', async () => {
    await start();
    quiqup.simulator.failNext({ status: 401, on: 'resource', times: Infinity });
    for (let seconds = 0; seconds < 300; seconds += 1) {
      await call();
      await turnClock(S);
    }
    expect(quiqup.tokenRequests).toBe(1 + 3 + 9);
  });

  it('is given it sooner when tokens live short', async () => {
    await start({ simulator: { lifetime: 8 }, module: { refresh: { enabled: false } } });
    quiqup.simulator.failNext({ status: 401, on: 'resource', times: Infinity });
    await call();
    await call();
    await call();
    expect(quiqup.tokenRequests).toBe(4);
    await call();
    expect(quiqup.tokenRequests).toBe(4);
    await turnClock(2 * S);
    await call();
    expect(quiqup.tokenRequests).toBe(5);
  });
});

describeOnEachStore('Real revocations', (cache) => {
  it.each(['fresh', 'revoke'] as const)('3 s apart fail no call, however many they are (%s)', async (policy) => {
    await start({ simulator: { policy }, module: { cache: cache() } });
    await call();
    for (let count = 0; count < 20; count += 1) {
      quiqup.simulator.revokeAll();
      expect(await Promise.all([call(), call(), call()])).toEqual([200, 200, 200]);
      await turnClock(3 * S);
    }
    expect(quiqup.tokenRequests).toBe(1 + 20);
    expect(quiqup.events.some(({ type }) => type === 'budget-exhausted')).toBe(false);
  });
});

describe('A revocation while the token endpoint is down', () => {
  it('is recovered as soon as it is back: what failed does not count', async () => {
    await start();
    await call();
    quiqup.simulator.revokeAll();
    quiqup.simulator.failNext({ on: 'token', status: 503, times: 8 });
    const statuses: number[] = [];
    for (let seconds = 0; seconds < 30; seconds += 1) {
      statuses.push(await turnUntilSettled(call()));
      await turnClock(S);
    }
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(200);
    expect(quiqup.events.some(({ type }) => type === 'budget-exhausted')).toBe(false);
  });
});

describe('Another application that uses the same client without sharing the store', () => {
  it('is suspected, once, when tokens go on being refused soon after they were issued', async () => {
    await start({ simulator: { policy: 'revoke' } });
    const { clientId, clientSecret } = quiqup.simulator.clients[0];
    const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    await call();
    for (let count = 0; count < 6; count += 1) {
      await fetch(`${quiqup.simulator.url}oauth/token`, { method: 'POST', body: new URLSearchParams(grant) });
      expect(await call()).toBe(200);
      await turnClock(5 * S);
    }
    expect(warnings()).toEqual([expect.stringMatching(/same client without sharing the token store/)]);
  });

  it('is not suspected when somebody revokes a token now and then', async () => {
    await start();
    await call();
    for (let count = 0; count < 6; count += 1) {
      await turnClock(120 * S);
      quiqup.simulator.revokeAll();
      expect(await call()).toBe(200);
    }
    expect(warnings()).toEqual([]);
  });
});
