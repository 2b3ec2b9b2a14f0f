import { describe, expect, it } from '@jest/globals';
import type { QuiqupSimulatorPolicy } from 'nestjs-quiqup-auth/testing';
import type { RedisServer } from '../support/redis-server.js';
import { elapse, until } from '../support/until.js';
import type { Outcomes } from './driver/commands.js';
import type { Fleet } from './driver/fleet.js';
import {
  demandPassword,
  fill,
  kill,
  makeReadOnly,
  replaceByRubbish,
  stop,
  type RedisOutage,
  type Restore,
} from './driver/redis-outages.js';
import { mostRotations } from './driver/rotations.js';
import { print, withFleetAndRedis } from './driver/scenario.js';

/** Short, so that renewals fall into every outage. */
const LIFETIME_S = 3;
const STORE_DEADLINE_MS = 500;
const module = { timeouts: { store: STORE_DEADLINE_MS } };
/** Of one instance for each token, where the endpoint repeats it until its end. */
const REQUESTS_UNDER_REUSE = 4;
/** A call may meet a handful of commands that are given up, one after another; then no more are sent. */
const SLOWEST_CALL_MS = 10 * STORE_DEADLINE_MS;

async function everyInstance(fleet: Fleet, event: 'store-lost' | 'store-back'): Promise<void> {
  await until(
    async () => (await fleet.reports()).every(({ events }) => events[event] !== undefined),
    `every instance had the event '${event}'`,
  );
}

async function expectLostAndFoundOnce(fleet: Fleet): Promise<void> {
  for (const { events, lines } of await fleet.reports()) {
    expect({ lost: events['store-lost'], back: events['store-back'] }).toEqual({ lost: 1, back: 1 });
    expect(lines.filter((line) => line.includes('token store'))).toHaveLength(2);
  }
}

async function expectUnharmed(
  fleet: Fleet,
  { failures, slowestMs }: Outcomes,
  scenario: string,
  policy: QuiqupSimulatorPolicy = 'fresh',
): Promise<void> {
  const figures = await fleet.figures();
  print(scenario, { 'token requests': figures.tokenRequests, calls: figures.calls, 'ms at most': slowestMs });
  expect(failures).toEqual({});
  expect(slowestMs).toBeLessThan(SLOWEST_CALL_MS);
  // Each instance on its own, at worst.
  const mostRequests = fleet.instances.length * mostRotations(figures, LIFETIME_S);
  expect(figures.tokenRequests).toBeLessThanOrEqual(mostRequests * (policy === 'reuse' ? REQUESTS_UNDER_REUSE : 1));
}

describe('Calls go on while Redis is out of order, and', () => {
  it.concurrent.each<[string, QuiqupSimulatorPolicy, RedisOutage]>([
    ['was killed and restarted', 'fresh', kill],
    ['was killed and restarted', 'reuse', kill],
    ['was stopped and continued', 'fresh', stop],
    ['was stopped and continued', 'reuse', stop],
    ['was read-only', 'fresh', makeReadOnly],
    ['was out of memory', 'fresh', fill],
    ['asked for a password', 'fresh', demandPassword],
    ['was replaced by a server of another kind', 'fresh', replaceByRubbish],
  ])('under load, one token serves all again after it %s (%s)', async (what, policy, outage) => {
    const options = { instances: 2, module, simulator: { policy, lifetime: LIFETIME_S } };
    await withFleetAndRedis(options, async (fleet, redis) => {
      const load = await fleet.load(30);
      await fleet.shareOneToken();

      const restore = await outage(redis);
      await everyInstance(fleet, 'store-lost');
      await elapse(1_500);
      await restore();
      await everyInstance(fleet, 'store-back');
      await fleet.shareOneToken();

      await expectUnharmed(fleet, await load.stop(), `Redis ${what} (${policy})`, policy);
      await expectLostAndFoundOnce(fleet);
    });
  });

  it.concurrent.each<[string, RedisOutage]>([
    ['was killed and restarted', kill],
    ['was stopped and continued', stop],
  ])(
    'under load, one token serves all again after it %s (revoke, without a rotation meanwhile)',
    async (what, outage) => {
      const options = { instances: 3, module, simulator: { policy: 'revoke' as const } };
      await withFleetAndRedis(options, async (fleet, redis) => {
        const load = await fleet.load(30);
        await fleet.shareOneToken();

        expect((await fleet.figures()).tokenRequests).toBe(1);
        const restore = await outage(redis);
        await elapse(2_000);
        await restore();
        const { unauthorized: refusedMeanwhile } = await fleet.figures();
        await fleet.reset();
        await fleet.revokeAndReplace();

        const { failures } = await load.stop();
        const { tokenRequests } = await fleet.figures();
        print(`Redis ${what} (revoke)`, { 'token requests at a revocation afterwards': tokenRequests });
        expect(refusedMeanwhile).toBe(0);
        expect(failures).toEqual({});
        expect(tokenRequests).toBe(1);
      });
    },
  );

  it.concurrent(
    'under load, one token serves all again after it was restarted from an old snapshot, with a token that has long been revoked',
    async () => {
      const options = { instances: 2, module, simulator: { policy: 'revoke' as const } };
      await withFleetAndRedis(options, async (fleet, redis) => {
        const load = await fleet.load(30);
        await fleet.shareOneToken();
        const [old] = await fleet.tokens();
        await redis.save();
        await fleet.revokeAndReplace();

        await redis.kill();
        await redis.restart();
        await fleet.reset();
        await fleet.revokeAndReplace();

        const { failures } = await load.stop();
        const { tokenRequests } = await fleet.figures();
        print('Redis restarted from an old snapshot', { 'token requests at a revocation afterwards': tokenRequests });
        expect(failures).toEqual({});
        expect(tokenRequests).toBe(1);
        expect(await fleet.tokens()).not.toContain(old);
      });
    },
  );

  it.concurrent.each<[string, RedisOutage]>([
    ['is there', kill],
    ['goes on', stop],
    ['can be written to', makeReadOnly],
    ['has room', fill],
    ['asks for no password', demandPassword],
    ['is what listens at its port', replaceByRubbish],
  ])('at boot, one token serves all as soon as it %s', async (what, outage) => {
    let restore: Restore | undefined;
    const before = async (redis: RedisServer): Promise<void> => {
      restore = await outage(redis);
    };
    const options = { instances: 3, module, simulator: { lifetime: LIFETIME_S }, before };
    await withFleetAndRedis(options, async (fleet) => {
      const burst = await fleet.calls(20);
      const load = await fleet.load(30);
      await everyInstance(fleet, 'store-lost');
      // An instance that shuts down meanwhile leaves nothing open.
      await fleet.end(2);
      await elapse(1_000);
      await restore?.();
      await everyInstance(fleet, 'store-back');
      await fleet.shareOneToken();

      expect(burst.failures).toEqual({});
      await expectUnharmed(fleet, await load.stop(), `at boot, until Redis ${what}`);
      await expectLostAndFoundOnce(fleet);
    });
  });
});
