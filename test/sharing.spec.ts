import { describe, expect, it } from '@jest/globals';
import { createKeyv } from '@keyv/redis';
import { createCache } from 'cache-manager';
import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { makeReadOnly } from './fleet/driver/redis-outages.js';
import { eventually } from './support/eventually.js';
import { HeldResponses } from './support/held-responses.js';
import { InstancesOnRedis } from './support/instances-on-redis.js';
import type { QuiqupApp } from './support/quiqup-app.js';
import { TcpProxy } from './support/tcp-proxy.js';

/** As short as possible, because some of these tests wait for the end of a lock. */
const TIMEOUTS = { tokenRequest: 500, lock: 700, wait: 1_700 };

const instances = new InstancesOnRedis();

const instance = (module: Partial<QuiqupAuthModuleOptions> = {}): Promise<QuiqupApp> =>
  instances.start({ timeouts: TIMEOUTS, ...module });
const requests = (): number => instances.requests;
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'success',
    (error: { code?: string }) => error.code,
  );
/** The names of the account's keys, once it has a token. */
const keyOf = async (kind: 'token' | 'lock' | 'failure'): Promise<string> => {
  const key = (await instances.redis.keys()).find((name) => name.endsWith(':token')) ?? '';
  return key.replace(/token$/, kind);
};

describe('A failure of the token endpoint', () => {
  it('is shared: who would ask meanwhile gets the same error, with when to try again', async () => {
    const [first, second] = [await instance(), await instance()];
    instances.simulator.failNext({ on: 'token', status: 429, retryAfter: 30, times: Infinity });
    expect(await codeOf(first.tokens.getAccessToken())).toBe('QUIQUP_RATE_LIMITED');
    const asked = requests();
    const error: unknown = await second.tokens.getAccessToken().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'QUIQUP_RATE_LIMITED', status: 429, retryAfterMs: 30_000, retryable: true });
    expect(requests()).toBe(asked);
    const [mine, theirs] = [first, second].map(({ events }) =>
      events.findLast(({ type }) => type === 'renewal-failed'),
    );
    expect(theirs).toMatchObject({ attempt: (mine as { attempt: number }).attempt });
    const apartMs =
      (theirs as { nextAttemptAt: Date }).nextAttemptAt.getTime() -
      (mine as { nextAttemptAt: Date }).nextAttemptAt.getTime();
    expect(Math.abs(apartMs)).toBeLessThan(1_000);
  });

  it('goes on being counted by whoever fails next', async () => {
    const [first, second] = [await instance(), await instance()];
    await first.tokens.getAccessToken();
    instances.simulator.failNext({ on: 'token', status: 503, times: 3 });
    await first.tokens.refresh().catch(() => undefined);
    expect(await codeOf(second.tokens.getAccessToken())).toBe('success');
    // The first time it pauses as the other does; the second time it asks.
    await second.tokens.refresh().catch(() => undefined);
    await second.tokens.refresh().catch(() => undefined);
    const attempts = [...first.events, ...second.events].flatMap((event) =>
      event.type === 'renewal-failed' ? [event.attempt] : [],
    );
    expect(attempts).toEqual([1, 1, 2]);
    expect(requests()).toBe(3);
  });

  it('is not forced on instances with other credentials', async () => {
    const wrong = { clientSecret: 'not-the-secret' };
    const [first, second, right] = [await instance(wrong), await instance(wrong), await instance()];
    expect(await codeOf(first.tokens.getAccessToken())).toBe('QUIQUP_CREDENTIALS_REFUSED');
    expect(await codeOf(second.tokens.getAccessToken())).toBe('QUIQUP_CREDENTIALS_REFUSED');
    expect(requests()).toBe(1);
    expect(await codeOf(right.tokens.getAccessToken())).toBe('success');
  });

  it('is forgotten with the next token', async () => {
    const first = await instance();
    instances.simulator.failNext({ on: 'token', status: 503 });
    await first.tokens.getAccessToken();
    expect(await instances.redis.command('EXISTS', await keyOf('failure'))).toBe('0');
  });
});

describe('Two instances that ask at once after all', () => {
  it('are told so by 400 invalid_token_reuse, and the one goes on with the token of the other', async () => {
    const responses = new HeldResponses();
    const [first, second] = [
      await instance({ timeouts: {}, http: { adapter: responses.adapter } }),
      await instance({ timeouts: {} }),
    ];
    await token(second);
    const lock = await keyOf('lock');
    await token(first);
    instances.simulator.resetCounters();
    instances.simulator.failNext({ on: 'token', status: 400, body: { error: 'invalid_token_reuse' } });
    const release = responses.hold();
    const collided = first.tokens.refresh();
    await eventually(() => requests() === 1, 'the first had asked');
    await instances.redis.command('DEL', lock);
    const other = await second.tokens.refresh();
    release();
    expect(await collided).toBe(other);
    expect(requests()).toBe(2);
    expect(first.events.some(({ type }) => type === 'renewal-failed')).toBe(false);
  });
});

describe('The lock', () => {
  it('that nobody ends cannot stop anybody: it is waited for as long as a lock lives', async () => {
    const first = await instance();
    await token(first);
    await instances.redis.command('SET', await keyOf('lock'), 'somebody');
    instances.simulator.resetCounters();
    expect(await codeOf(first.tokens.refresh())).toBe('success');
    expect(requests()).toBe(1);
    expect(await instances.redis.command('GET', await keyOf('lock'))).toBe('somebody');
  });

  it('is free again after a token request, a failed one too', async () => {
    const first = await instance();
    await token(first);
    expect(await instances.redis.command('EXISTS', await keyOf('lock'))).toBe('0');
    instances.simulator.failNext({ on: 'token', status: 503 });
    await first.tokens.refresh().catch(() => undefined);
    expect(await instances.redis.command('EXISTS', await keyOf('lock'))).toBe('0');
  });

  it('is the process of its own where the cache has no Redis, which is said once', async () => {
    const first = await instance({ cache: createCache() });
    await Promise.all([token(first), token(first)]);
    expect(first.log.lines.filter((line) => line.includes('The given cache'))).toHaveLength(1);
    expect(requests()).toBe(1);
  });
});

describe('A cache whose adapter hides its errors', () => {
  it('is found out when Redis does not take what is written', async () => {
    const keyv = createKeyv(instances.redis.url).on('error', () => undefined);
    const cache = createCache({ stores: [keyv] });
    const first = await instance({ cache });
    await token(first);
    instances.simulator.lifetime = 7_200;
    const restore = await makeReadOnly(instances.redis);
    try {
      await first.tokens.refresh();
      expect(first.events.filter(({ type }) => type === 'store-lost')).toHaveLength(1);
    } finally {
      await restore();
    }
    await first.eventually('store-back');
    await first.app.close();
    await cache.disconnect();
  });
});

describe('A slow Redis', () => {
  it('that eats up the time of the lock costs no call and no further token request', async () => {
    const slow = await TcpProxy.start(instances.redis.port, 250);
    try {
      const cache = { redis: `redis://127.0.0.1:${slow.port}` };
      const timeouts = { ...TIMEOUTS, wait: 5_000, store: 1_000 };
      const both = [await instance({ cache, timeouts }), await instance({ cache, timeouts })];
      const tokens = await Promise.all(both.map(token));
      expect(new Set(tokens).size).toBe(1);
      expect(requests()).toBe(1);
      expect(both.flatMap(({ events }) => events).some(({ type }) => type === 'store-lost')).toBe(false);
    } finally {
      await slow.stop();
    }
  });
});

function token({ tokens }: QuiqupApp): Promise<string> {
  return tokens.getAccessToken();
}
