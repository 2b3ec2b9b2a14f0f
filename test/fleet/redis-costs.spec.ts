import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { AccountRuntime } from '../../lib/accounts/index.js';
import { QuiqupApp } from '../support/quiqup-app.js';
import { RedisServer } from '../support/redis-server.js';
import { print } from './driver/scenario.js';

let redis: RedisServer;
let simulator: QuiqupSimulator;
beforeAll(async () => {
  redis = await RedisServer.start();
  simulator = await new QuiqupSimulator().start();
});
afterAll(async () => {
  await simulator.stop();
  await redis.stop();
});

const start = () => QuiqupApp.start({ simulator, module: { cache: { redis: redis.url } } });

/** How often each command was given in the course of the work, by Redis' own count. */
async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  await redis.command('CONFIG', 'RESETSTAT');
  await work();
  const stats = await redis.command('INFO', 'commandstats');
  const counts = [...stats.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)].map(([, name = '', calls]) => [
    name,
    Number(calls),
  ]);
  // The commands of the connection and of this count.
  return Object.fromEntries(counts.filter(([name]) => !/^(?:config|info|client|hello|command)/.test(String(name))));
}

const total = (commands: Record<string, number>): number => Object.values(commands).reduce((sum, one) => sum + one, 0);

describe('What a rotation costs Redis', () => {
  it('is a dozen commands for the instance that asks, a few for each other one, and none between', async () => {
    const [first, second] = [await start(), await start()];
    try {
      await first.tokens.getAccessToken();
      await second.tokens.getAccessToken();
      const asking = await commandsOf(() => first.tokens.refresh());
      const adopting = await commandsOf(() => second.tokens.reject(second.tokens.peek() ?? ''));
      await first.tokens.refresh();
      const onTime = await commandsOf(() => second.app.get(AccountRuntime).renewal.renew('schedule'));
      const between = await commandsOf(() =>
        Promise.all(Array.from({ length: 1_000 }, () => first.quiqup.axiosRef.get('/api/fulfilment/orders'))),
      );
      const keys = await redis.keys();
      const bytes = await Promise.all(keys.map(async (key) => Number(await redis.command('MEMORY', 'USAGE', key))));
      print('costs of Redis', {
        'commands of the instance that asks': JSON.stringify(asking),
        'of one that adopts after a 401': JSON.stringify(adopting),
        'of one that renews on time': JSON.stringify(onTime),
        'in 1,000 calls between': total(between),
        'keys afterwards': keys.length,
        'bytes in them': bytes.reduce((sum, one) => sum + one, 0),
      });
      expect(total(asking)).toBeLessThanOrEqual(12);
      expect(total(adopting)).toBeLessThanOrEqual(4);
      expect(total(onTime)).toBeLessThanOrEqual(2);
      expect(total(between)).toBe(0);
      expect(keys.length).toBeLessThanOrEqual(3);
    } finally {
      await first.app.close();
      await second.app.close();
    }
  });
});
