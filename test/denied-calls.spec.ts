import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { QuiqupApp } from './support/quiqup-app.js';

const HEALTHY = '/api/fulfilment/inventory';
const DENIED = '/api/fulfilment/products';

let quiqup: QuiqupApp;

beforeEach(async () => {
  holdClock();
  quiqup = await QuiqupApp.start({ simulator: { policy: 'revoke', lifetime: 604_800 } });
});
afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

const call = (path: string): Promise<number> =>
  quiqup.quiqup.axiosRef.get(path, { validateStatus: () => true }).then(({ status }) => status);

const upload = (): Promise<number> =>
  quiqup.quiqup.axiosRef
    .post('/api/fulfilment/orders', Readable.from('an order'), { validateStatus: () => true })
    .then(({ status }) => status);

/** Of a client without the right for it: refused at first, and when it is sent again. */
const deny = (path: string): void => quiqup.simulator.failNext({ status: 401, on: 'resource', path, times: Infinity });

describe('A call that is always answered with 401', () => {
  it('costs 4 token requests in 30 s at most, and holds up no revocation', async () => {
    deny(DENIED);
    expect(await call(HEALTHY)).toBe(200);
    quiqup.simulator.resetCounters();
    for (let turn = 0; turn < 6; turn += 1) {
      expect(await call(DENIED)).toBe(401);
      expect(await call(HEALTHY)).toBe(200);
      await turnClock(5_000);
    }
    expect(quiqup.tokenRequests).toBeLessThanOrEqual(4);

    for (let revocation = 0; revocation < 5; revocation += 1) {
      quiqup.simulator.revokeAll();
      expect(await call(HEALTHY)).toBe(200);
      expect(await call(DENIED)).toBe(401);
      await turnClock(3_000);
    }
  });

  it('is tried with a new token again once it was accepted', async () => {
    await call(DENIED);
    await call(DENIED);
    expect(await call(DENIED)).toBe(200);
    quiqup.simulator.revokeAll();
    expect(await call(DENIED)).toBe(200);
  });
});

describe('A revoked token is replaced at once', () => {
  it('though the client has used up what unknown calls may cost', async () => {
    expect(await call(HEALTHY)).toBe(200);
    for (let turn = 0; turn < 5; turn += 1) {
      deny(`/api/fulfilment/orders/${turn}`);
      await call(`/api/fulfilment/orders/${turn}`);
    }
    await call(HEALTHY);
    quiqup.simulator.revokeAll();
    expect(await call(HEALTHY)).toBe(200);
  });

  it('though such a call was refused while no token could be requested', async () => {
    let path = 0;
    const exhaustBudget = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) {
        path += 1;
        deny(`/api/fulfilment/products-${path}`);
        await call(`/api/fulfilment/products-${path}`);
      }
    };
    await exhaustBudget();
    await turnClock(1);
    quiqup.simulator.revokeAll();
    expect(await call(HEALTHY)).toBe(401);
    await turnClock(60_000);
    expect(await call(HEALTHY)).toBe(200);
    await exhaustBudget();
    await turnClock(1);
    quiqup.simulator.revokeAll();
    expect(await call(HEALTHY)).toBe(200);
  });

  it('with each of five revocations 3 s apart, by the public reject', async () => {
    const { tokens, simulator } = quiqup;
    for (let revocation = 0; revocation < 6; revocation += 1) {
      const token = await tokens.getAccessToken();
      simulator.revokeAll();
      const next = await tokens.reject(token);
      expect(next !== undefined && simulator.isValid(next)).toBe(true);
      tokens.peek();
      await turnClock(3_000);
    }
  });

  it('with each of six revocations, by bodies that can be read once', async () => {
    expect(await upload()).toBe(201);
    for (let revocation = 0; revocation < 6; revocation += 1) {
      quiqup.simulator.revokeAll();
      expect(await upload()).toBe(401);
      expect(await upload()).toBe(201);
    }
  });
});

describe('A public reject whose token is refused at once', () => {
  it('costs no more than the budget', async () => {
    const { tokens } = quiqup;
    await tokens.getAccessToken();
    quiqup.simulator.resetCounters();
    for (let turn = 0; turn < 6; turn += 1) {
      await tokens.reject(await tokens.getAccessToken());
      await turnClock(5_000);
    }
    expect(quiqup.tokenRequests).toBeLessThanOrEqual(4);
  });
});
