import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisServer } from '../support/redis-server.js';
import { print, withFleet } from './driver/scenario.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

describe('A cold start', () => {
  it.concurrent.each([
    [4, 250],
    [16, 25],
  ])('of %i instances with %i calls at once each makes one token request', async (instances, calls) => {
    await withFleet({ redis: redis.url, instances }, async (fleet) => {
      const outcomes = await fleet.calls(calls);
      const { tokenRequests } = await fleet.figures();
      print(`cold start, ${instances} x ${calls} calls`, { 'token requests': tokenRequests });

      expect(outcomes).toMatchObject({ calls: instances * calls, failures: {} });
      expect(tokenRequests).toBe(1);
      expect(await fleet.tokens()).toHaveLength(1);
    });
  });
});
