import { createKeyv } from '@keyv/redis';
import { describe, expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { eventually } from './support/eventually.js';
import { HeldResponses } from './support/held-responses.js';
import { InstancesOnRedis } from './support/instances-on-redis.js';
import type { QuiqupApp } from './support/quiqup-app.js';

const instances = new InstancesOnRedis();

const responses = new HeldResponses();
const OPTIONS = { timeouts: { store: 200 }, refresh: { enabled: false }, http: { adapter: responses.adapter } };

const start = (): Promise<QuiqupApp> => instances.start(OPTIONS);
const keysOf = async (kind: 'lock' | 'failure' | 'token'): Promise<string[]> =>
  (await instances.redis.keys()).filter((key) => key.endsWith(`:${kind}`));

/** A renewal of which Redis stands still from when the token endpoint is asked. */
async function renewWhileRedisStops(app: QuiqupApp): Promise<void> {
  const { simulator, redis } = instances;
  simulator.resetCounters();
  const release = responses.hold();
  const renewal = app.tokens.refresh().catch(() => undefined);
  await eventually(() => instances.requests === 1, 'the token endpoint was asked');
  redis.freeze();
  release();
  await app.eventually('store-lost');
  await renewal;
}

/** A renewal fails while Redis stands still; the failure is not there once Redis goes on. */
async function leaveNoFailure(app: QuiqupApp): Promise<void> {
  await app.tokens.getAccessToken();
  instances.simulator.failNext({ on: 'token', status: 429, retryAfter: 8 });
  await renewWhileRedisStops(app);
  instances.redis.thaw();
  await app.eventually('store-back');
  expect(await keysOf('failure')).toEqual([]);
}

describe('What was given up while Redis stood still', () => {
  it('is undone when it goes on: a failure holds nobody up', async () => {
    const [app, other] = [await start(), await start()];
    await leaveNoFailure(app);
    await other.tokens.refresh();
    expect(other.events.some(({ type }) => type === 'renewal-failed')).toBe(false);
  });

  it('is undone though the instance has gone meanwhile', async () => {
    const app = await start();
    await app.tokens.getAccessToken();
    await instances.redis.command('FLUSHALL');
    await renewWhileRedisStops(app);
    await app.app.close();
    instances.redis.thaw();
    await instances.redis.command('PING');
    expect(await instances.redis.keys()).toEqual([]);
  });

  it('is undone on a connection of the application', async () => {
    const cache = createCache({ stores: [createKeyv(instances.redis.url).on('error', () => undefined)] });
    const app = await instances.start({ ...OPTIONS, cache });
    await leaveNoFailure(app);
    await app.app.close();
    await cache.disconnect();
  });

  it('is put there again where it is the token in hand', async () => {
    const app = await start();
    await app.tokens.getAccessToken();
    await renewWhileRedisStops(app);
    instances.redis.thaw();
    await app.eventually('store-back');
    await eventually(async () => (await keysOf('token')).length === 1, 'the token was stored');
    instances.simulator.resetCounters();
    expect(await (await start()).tokens.getAccessToken()).toBe(app.tokens.peek());
    expect(instances.requests).toBe(0);
  });
});

describe('The own lock', () => {
  it('is free when the store is back, though another command had failed', async () => {
    const app = await start();
    await app.tokens.getAccessToken();
    const release = responses.hold();
    const renewal = app.tokens.refresh();
    await eventually(async () => (await keysOf('lock')).length === 1, 'the lock was held');
    const [lock = ''] = await keysOf('lock');
    const owner = await instances.redis.command('GET', lock);
    instances.redis.freeze();
    release();
    await renewal;
    instances.redis.thaw();
    await app.eventually('store-back');
    // It may have taken another by now, to put its token where others find it.
    expect(await instances.redis.command('GET', lock)).not.toBe(owner);
  });
});
