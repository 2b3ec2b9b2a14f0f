import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RedisServer } from '../support/redis-server.js';
import { mostRotations } from './driver/rotations.js';
import { print, withFleet } from './driver/scenario.js';
import { elapse } from '../support/until.js';

jest.setTimeout(60_000);

const MINUTE_MS = 60_000;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

describe('Steady calls over many rotations', () => {
  it.concurrent('cost one token request a rotation where each token ends the one before', async () => {
    const lifetime = 2;
    await withFleet({ redis: redis.url, simulator: { policy: 'revoke', lifetime } }, async (fleet) => {
      const load = await fleet.load(40);
      await elapse(30_000);

      const { calls, failures } = await load.stop();
      const figures = await fleet.figures();
      print('steady, revoke, 2 s', {
        'token requests': figures.tokenRequests,
        'rotations at most': mostRotations(figures, lifetime),
        calls,
        '401s': figures.unauthorized,
      });
      expect(failures).toEqual({});
      expect(figures.mostSends).toBeLessThanOrEqual(2);
      expect(figures.tokenRequests).toBeLessThanOrEqual(mostRotations(figures, lifetime));
    });
  });

  it.concurrent('cost four token requests a rotation at most where the endpoint repeats its token', async () => {
    await withFleet({ redis: redis.url, simulator: { policy: 'reuse', lifetime: 4 } }, async (fleet) => {
      const load = await fleet.load(40);
      await elapse(30_000);

      const { calls, failures } = await load.stop();
      const { tokenRequests, tokensIssued } = await fleet.figures();
      print('steady, reuse, 4 s', { 'token requests': tokenRequests, rotations: tokensIssued, calls });
      expect(failures).toEqual({});
      expect(tokenRequests).toBeLessThanOrEqual(4 * tokensIssued);
    });
  });
});

describe('Wall clocks', () => {
  const lifetime = 6;

  it.concurrent('that are minutes apart cost neither a call nor a token request', async () => {
    const offsets = [0, 2 * MINUTE_MS, -2 * MINUTE_MS, MINUTE_MS];
    const instance = (index: number) => ({ clockOffsetMs: offsets[index] ?? 0 });
    await withFleet({ redis: redis.url, simulator: { lifetime }, instance }, async (fleet) => {
      const load = await fleet.load(40);
      await elapse(20_000);

      const { calls, failures } = await load.stop();
      const figures = await fleet.figures();
      print('clocks apart, 6 s', { 'token requests': figures.tokenRequests, calls });
      expect(failures).toEqual({});
      expect(figures.tokenRequests).toBeLessThanOrEqual(mostRotations(figures, lifetime));
    });
  });

  it.concurrent('that jump cost neither a call nor a token request', async () => {
    await withFleet({ redis: redis.url, simulator: { lifetime } }, async (fleet) => {
      const load = await fleet.load(40);
      for (const minutes of [2, -2, 0]) {
        await elapse(5_000);
        await fleet.instance(0).ask('shiftClock', minutes * MINUTE_MS);
        await fleet.instance(1).ask('shiftClock', -minutes * MINUTE_MS);
      }
      await elapse(5_000);

      const { calls, failures } = await load.stop();
      const figures = await fleet.figures();
      print('clocks that jump, 6 s', { 'token requests': figures.tokenRequests, calls });
      expect(failures).toEqual({});
      expect(figures.tokenRequests).toBeLessThanOrEqual(mostRotations(figures, lifetime));
    });
  });
});
