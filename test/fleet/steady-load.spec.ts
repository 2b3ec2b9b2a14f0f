import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisServer } from '../support/redis-server.js';
import { elapse } from '../support/until.js';
import { mostRotations } from './driver/rotations.js';
import { print, withFleet } from './driver/scenario.js';

const MINUTE_MS = 60_000;
/** Of a token, in s. Far longer than a busy machine keeps a process waiting: a call that meets two ends gets its 401. */
const LIFETIME_S = 6;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

describe('Steady calls of a fleet', () => {
  it.concurrent(
    'cost one token request a rotation, many times over, where each token ends the one before',
    async () => {
      await withFleet({ redis: redis.url, simulator: { policy: 'revoke', lifetime: LIFETIME_S } }, async (fleet) => {
        const load = await fleet.load(40);
        await elapse(30_000);

        const { calls, failures } = await load.stop();
        const figures = await fleet.figures();
        print(`steady, revoke, ${LIFETIME_S} s`, {
          'token requests': figures.tokenRequests,
          'rotations at most': mostRotations(figures, LIFETIME_S),
          calls,
          '401s': figures.unauthorized,
        });
        expect(failures).toEqual({});
        expect(figures.mostSends).toBeLessThanOrEqual(2);
        expect(figures.tokenRequests).toBeLessThanOrEqual(mostRotations(figures, LIFETIME_S));
      });
    },
  );

  it.concurrent('cost four token requests a rotation at most where the endpoint repeats its token', async () => {
    // Far longer than a busy machine keeps a process waiting: a call that waits past two tokens' ends gets its 401.
    const lifetime = 8;
    await withFleet({ redis: redis.url, simulator: { policy: 'reuse', lifetime } }, async (fleet) => {
      const load = await fleet.load(40);
      await elapse(30_000);

      const { calls, failures } = await load.stop();
      const { tokenRequests, tokensIssued } = await fleet.figures();
      print(`steady, reuse, ${lifetime} s`, { 'token requests': tokenRequests, rotations: tokensIssued, calls });
      expect(failures).toEqual({});
      expect(tokenRequests).toBeLessThanOrEqual(4 * tokensIssued);
    });
  });

  it.concurrent(
    'by instances whose wall clocks are minutes apart do not fail, and cost no token request more',
    async () => {
      const offsets = [0, 2 * MINUTE_MS, -2 * MINUTE_MS, MINUTE_MS];
      const instance = (index: number) => ({ clockOffsetMs: offsets[index] ?? 0 });
      await withFleet({ redis: redis.url, simulator: { lifetime: LIFETIME_S }, instance }, async (fleet) => {
        const load = await fleet.load(40);
        await elapse(20_000);

        const { calls, failures } = await load.stop();
        const figures = await fleet.figures();
        print('clocks apart, 6 s', { 'token requests': figures.tokenRequests, calls });
        expect(failures).toEqual({});
        expect(figures.tokenRequests).toBeLessThanOrEqual(mostRotations(figures, LIFETIME_S));
      });
    },
  );

  it.concurrent(
    'by instances whose wall clocks jump do not fail, and cost one token request for each jump forward',
    async () => {
      await withFleet({ redis: redis.url, simulator: { lifetime: LIFETIME_S } }, async (fleet) => {
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
        // A clock that is set forward looks like sleep: one of instance 1, and two of instance 0.
        expect(figures.tokenRequests).toBeLessThanOrEqual(mostRotations(figures, LIFETIME_S) + 3);
      });
    },
  );

  it.concurrent('beside calls that are always answered with 401 cost four token requests in 30 s', async () => {
    await withFleet({ redis: redis.url }, async (fleet) => {
      await fleet.calls(1);
      await fleet.reset();
      const healthy = await fleet.load(40);
      const forbidden = await fleet.load(20, fleet.forbiddenUrl);
      await elapse(30_000);

      const refused = await forbidden.stop();
      const { failures } = await healthy.stop();
      const { tokenRequests } = await fleet.figures();
      print('always 401, 30 s', { 'token requests': tokenRequests, 'refused calls': refused.calls });
      expect(failures).toEqual({});
      expect(refused.failures).toEqual({ 401: refused.calls });
      // The lifetime is an hour: there was no rotation.
      expect(tokenRequests).toBeLessThanOrEqual(4);
    });
  });
});
