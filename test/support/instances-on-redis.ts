import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { QuiqupApp } from './quiqup-app.js';
import { RedisServer } from './redis-server.js';

/** Instances in this process on one Redis, empty for each test, with a simulator of the test's own. */
export class InstancesOnRedis {
  redis!: RedisServer;
  simulator!: QuiqupSimulator;
  private apps: QuiqupApp[] = [];

  /** Registers what a spec does before and after its tests. */
  constructor() {
    beforeAll(async () => {
      this.redis = await RedisServer.start();
    });
    afterAll(() => this.redis.stop());
    beforeEach(async () => {
      await this.redis.command('FLUSHALL');
      this.simulator = await new QuiqupSimulator().start();
    });
    afterEach(async () => {
      await Promise.all(this.apps.splice(0).map(({ app }) => app.close()));
      await this.simulator.stop();
    });
  }

  async start(module: Partial<QuiqupAuthModuleOptions>): Promise<QuiqupApp> {
    const { redis, simulator } = this;
    const app = await QuiqupApp.start({ simulator, module: { cache: { redis: redis.url }, ...module } });
    this.apps.push(app);
    return app;
  }

  /** How often the token endpoint was asked. */
  get requests(): number {
    return this.simulator.counters.tokenRequests;
  }
}
