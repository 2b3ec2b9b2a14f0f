import { afterAll, beforeAll, describe } from '@jest/globals';
import type { QuiqupCacheOptions } from 'nestjs-quiqup-auth';
import { RedisServer } from './redis-server.js';

/** Runs the tests on the memory store and on a real Redis. */
export function describeOnEachStore(name: string, tests: (cache: () => QuiqupCacheOptions) => void): void {
  describe(`${name} (memory)`, () => {
    tests(() => ({}));
  });

  describe(`${name} (Redis)`, () => {
    let redis: RedisServer;
    beforeAll(async () => {
      redis = await RedisServer.start();
    });
    afterAll(() => redis.stop());
    tests(() => ({ redis: redis.url }));
  });
}
