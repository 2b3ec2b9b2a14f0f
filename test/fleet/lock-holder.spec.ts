import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QuiqupSimulatorPolicy } from 'nestjs-quiqup-auth/testing';
import { RedisServer } from '../support/redis-server.js';
import { elapse } from '../support/until.js';
import { print, withFleet } from './driver/scenario.js';

/** Shorter than the defaults, in the same proportions, to save time. */
const timeouts = { tokenRequest: 1_500, lock: 2_500, wait: 8_000 };
const POLICIES: readonly QuiqupSimulatorPolicy[] = ['fresh', 'revoke'];

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const options = (policy: QuiqupSimulatorPolicy) => ({ redis: redis.url, simulator: { policy }, module: { timeouts } });

describe('The instance that asks for a token', () => {
  it.concurrent.each(POLICIES)('may be killed meanwhile, and no call of the others fails (%s)', async (policy) => {
    await withFleet(options(policy), async (fleet) => {
      await fleet.simulator.ask('stall', 1_000);
      const asks = fleet.asks();
      const load = await fleet.load(40);
      await fleet.killInstance(await asks);
      await fleet.shareOneToken();

      const { calls, failures } = await load.stop();
      const { tokenRequests } = await fleet.figures();
      print(`holder killed (${policy})`, { 'token requests': tokenRequests, 'calls of the others': calls });
      expect(failures).toEqual({});
      expect(tokenRequests).toBeLessThanOrEqual(3);
    });
  });

  it.concurrent.each(POLICIES)(
    'may be stopped for longer than its lock lives, and no call of the others fails (%s)',
    async (policy) => {
      await withFleet(options(policy), async (fleet) => {
        await fleet.simulator.ask('stall', 1_000);
        const asks = fleet.asks();
        const loads = await Promise.all(fleet.instances.map((_, index) => fleet.loadOf(index, 10)));
        const holder = await asks;
        fleet.stopInstance(holder);
        await elapse(2 * timeouts.lock);
        fleet.continueInstance(holder);
        await elapse(1_000);
        await fleet.shareOneToken();

        const outcomes = await Promise.all(loads.map((load) => load.stop()));
        const others = outcomes.filter((_, index) => index !== holder);
        const { tokenRequests } = await fleet.figures();
        print(`holder stopped (${policy})`, {
          'token requests': tokenRequests,
          'calls of the others': others.reduce((sum, { calls }) => sum + calls, 0),
        });
        expect(others.map(({ failures }) => failures)).toEqual([{}, {}, {}]);
        expect(tokenRequests).toBeLessThanOrEqual(3);

        // It has found back.
        expect((await fleet.calls(5)).failures).toEqual({});
      });
    },
  );
});
