import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { QuiqupSimulatorPolicy } from 'nestjs-quiqup-auth/testing';
import { RedisServer } from '../support/redis-server.js';
import { elapse } from '../support/until.js';
import { print, withFleet } from './driver/scenario.js';

const POLICIES: readonly QuiqupSimulatorPolicy[] = ['fresh', 'revoke'];

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

describe('A token that is revoked under load', () => {
  it.concurrent.each(POLICIES)('is replaced by one token request, and costs no call (%s)', async (policy) => {
    await withFleet({ redis: redis.url, simulator: { policy } }, async (fleet) => {
      await fleet.calls(1);
      const load = await fleet.load(200);
      await elapse(500);
      await fleet.reset();
      await fleet.revokeAndReplace();

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
        await fleet.reset();
        await fleet.revokeAndReplace();
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
