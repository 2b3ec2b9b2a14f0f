import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QuiqupSimulatorPolicy } from 'nestjs-quiqup-auth/testing';
import { RedisServer } from '../support/redis-server.js';
import { elapse, until } from '../support/until.js';
import type { Fleet } from './driver/fleet.js';
import { print, withFleet } from './driver/scenario.js';

const POLICIES: readonly QuiqupSimulatorPolicy[] = ['fresh', 'revoke'];

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

/** Until each instance has had to find out. */
async function everyInstanceHasTheToken(fleet: Fleet, before: string | undefined): Promise<void> {
  await until(async () => !(await fleet.tokens()).includes(before ?? ''), 'every instance had another token');
  await fleet.shareOneToken();
}

describe('A token that is revoked under load', () => {
  it.concurrent.each(POLICIES)('is replaced by one token request, and costs no call (%s)', async (policy) => {
    await withFleet({ redis: redis.url, simulator: { policy } }, async (fleet) => {
      await fleet.calls(1);
      const [before] = await fleet.tokens();
      const load = await fleet.load(200);
      await elapse(500);
      await fleet.reset();

      await fleet.revoke();
      await everyInstanceHasTheToken(fleet, before);

      const { failures } = await load.stop();
      const { tokenRequests, mostSends, unauthorized } = await fleet.figures();
      print(`revoked under load (${policy})`, { 'token requests': tokenRequests, '401s': unauthorized });
      expect(failures).toEqual({});
      expect(tokenRequests).toBe(1);
      expect(mostSends).toBe(2);
    });
  });

  it.concurrent('is replaced by one token request each time, five times within 15 s', async () => {
    await withFleet({ redis: redis.url, simulator: { policy: 'revoke' } }, async (fleet) => {
      await fleet.calls(1);
      const load = await fleet.load(100);
      const requests: number[] = [];
      for (let revocation = 1; revocation <= 5; revocation += 1) {
        await elapse(3_000);
        const [before] = await fleet.tokens();
        await fleet.reset();
        await fleet.revoke();
        await everyInstanceHasTheToken(fleet, before);
        const { tokenRequests, mostSends } = await fleet.figures();
        requests.push(tokenRequests);
        expect(mostSends).toBeLessThanOrEqual(2);
      }
      const { failures } = await load.stop();
      print('revoked five times under load', { 'token requests': requests.join(' + ') });
      expect(failures).toEqual({});
      expect(requests).toEqual([1, 1, 1, 1, 1]);
    });
  });
});
