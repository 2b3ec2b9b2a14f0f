import { describe, expect, it } from '@jest/globals';
import type { QuiqupTokenAcquiredEvent } from 'nestjs-quiqup-auth';
import { eventually } from './support/eventually.js';
import { InstancesOnRedis } from './support/instances-on-redis.js';
import type { QuiqupApp } from './support/quiqup-app.js';

const instances = new InstancesOnRedis();

const call = (app: QuiqupApp): Promise<number> =>
  app.quiqup.axiosRef.get('/api/fulfilment/inventory', { validateStatus: () => true }).then(({ status }) => status);

/** The present content of Redis, to be restored later like a snapshot. */
async function snapshot(): Promise<() => Promise<void>> {
  const key = (await instances.redis.keys()).find((name) => name.endsWith(':token')) ?? '';
  const value = await instances.redis.command('GET', key);
  return async () => {
    await instances.redis.command('SET', key, value, 'PX', '3600000');
  };
}

describe('An older token in the store', () => {
  it('does not take the place of a newer one in hand, after a revocation', async () => {
    instances.simulator.policy = 'revoke';
    const [first, second] = [await instances.start({}), await instances.start({})];
    await call(first);
    const restore = await snapshot();
    await first.tokens.refresh();
    expect(await call(second)).toBe(200);
    await restore();
    instances.simulator.revokeAll();
    const before = instances.requests;
    expect([await call(second), await call(second)]).toEqual([200, 200]);
    expect(instances.requests - before).toBe(1);
  });

  it('does not serve a timely renewal', async () => {
    instances.simulator.lifetime = 3_600;
    const app = await instances.start({ refresh: { enabled: false } });
    await app.tokens.getAccessToken();
    const restore = await snapshot();
    instances.simulator.lifetime = 4;
    await app.tokens.refresh();
    const inHand = app.tokens.peek();
    await restore();
    await eventually(() => app.tokens.peek() !== inHand, 'the token was renewed');
    expect((app.rotations.at(-1) as QuiqupTokenAcquiredEvent).type).toBe('acquired');
  });
});

describe('A failure of the token endpoint', () => {
  it("forbids to ask, and not to look for the fleet's token", async () => {
    const [first, second] = [await instances.start({}), await instances.start({})];
    instances.simulator.failNext({ on: 'token', status: 429, retryAfter: 60 });
    await expect(first.tokens.getAccessToken()).rejects.toMatchObject({ code: 'QUIQUP_RATE_LIMITED' });
    await instances.redis.command('DEL', ...(await instances.redis.keys()));
    const token = await second.tokens.getAccessToken();
    const before = instances.requests;
    expect(await first.tokens.getAccessToken()).toBe(token);
    expect(instances.requests).toBe(before);
  });
});

describe('A token in hand', () => {
  it('takes the place of an older one in the store, once the store is back', async () => {
    const app = await instances.start({});
    await app.tokens.getAccessToken();
    await instances.redis.save();
    await instances.redis.kill();
    const latest = await app.tokens.refresh();
    // From the snapshot, with the token of before.
    await instances.redis.restart();
    await app.eventually('store-back');
    const other = await instances.start({});
    await eventually(async () => {
      const token = await other.tokens.getAccessToken();
      return token === latest || ((await other.tokens.reject(token)) ?? '') === latest;
    }, 'the newer token was put there');
  });
});
