import { describe, expect, it } from '@jest/globals';
import type { QuiqupAuthModuleOptions, QuiqupSealingKey } from 'nestjs-quiqup-auth';
import { InstancesOnRedis } from './support/instances-on-redis.js';
import type { QuiqupApp } from './support/quiqup-app.js';

const KEYS = ['the first key of ours, long enough', Buffer.alloc(32, 'second')] as const;

const instances = new InstancesOnRedis();

function instance(
  sealingKey?: QuiqupSealingKey | readonly QuiqupSealingKey[],
  module: Partial<QuiqupAuthModuleOptions> = {},
): Promise<QuiqupApp> {
  return instances.start({ cache: { redis: instances.redis.url, sealingKey }, ...module });
}

const token = ({ tokens }: QuiqupApp): Promise<string> => tokens.getAccessToken();
const requests = (): number => instances.requests;
const warnings = ({ log }: QuiqupApp): number => log.lines.filter((line) => line.includes('could not be read')).length;
const keyOf = async (kind: 'token' | 'failure'): Promise<string> =>
  (await instances.redis.keys()).find((key) => key.includes(`:${kind}`)) ?? '';

describe('A stored entry', () => {
  it('is sealed anew each time, though it says the same', async () => {
    const first = await instance();
    instances.simulator.policy = 'reuse';
    await token(first);
    const before = await instances.redis.command('GET', await keyOf('token'));
    await first.tokens.refresh();
    expect(await instances.redis.command('GET', await keyOf('token'))).not.toBe(before);
  });

  it('of a failure shows nothing of it', async () => {
    instances.simulator.failNext({ on: 'token', status: 503, body: { error: 'temporarily_unavailable' }, times: 3 });
    await token(await instance()).catch(() => undefined);
    const entry = await instances.redis.command('GET', await keyOf('failure'));
    expect(entry).toMatch(/^\{"value":"v1\.[\w-]+","expires":\d+\}$/);
    expect(Buffer.from(entry, 'base64').toString()).not.toContain('temporarily');
  });

  it('does not open in the place of another, and is replaced with one warning', async () => {
    const first = await instance();
    await token(first);
    instances.simulator.failNext({ on: 'token', status: 503 });
    await first.tokens.refresh().catch(() => undefined);
    await instances.redis.command('COPY', await keyOf('failure'), await keyOf('token'), 'REPLACE');
    const second = await instance();
    await token(second);
    expect(requests()).toBe(3);
    expect(warnings(second)).toBe(1);
    expect(await token(await instance())).toBe(second.tokens.peek());
  });

  it.each([
    ['plain text', '{"value":"rubbish"}'],
    ['an empty seal', '{"value":"v1."}'],
    ['a later version', '{"value":"v2.AAAA"}'],
  ])('that is %s is warned about once, however often it is met', async (_what, entry) => {
    const first = await instance();
    await token(first);
    await instances.redis.command('SET', await keyOf('token'), entry);
    const second = await instance();
    instances.simulator.failNext({ on: 'token', status: 503, times: 2 });
    await token(second);
    expect(warnings(second)).toBe(1);
  });
});

describe('A rotated client secret', () => {
  it('starts a new entry', async () => {
    await token(await instance());
    instances.simulator.setSecret('simulated-client', 'rotated');
    await token(await instance(undefined, { clientSecret: 'rotated' }));
    expect(requests()).toBe(2);
    expect((await instances.redis.keys()).filter((key) => key.endsWith(':token'))).toHaveLength(2);
  });

  it('finds the token again under a sealing key of the user', async () => {
    const before = await token(await instance(KEYS[0]));
    instances.simulator.setSecret('simulated-client', 'rotated');
    expect(await token(await instance(KEYS[0], { clientSecret: 'rotated' }))).toBe(before);
    expect(requests()).toBe(1);
  });

  it('is not held to what the other secret met, under a sealing key of the user', async () => {
    instances.simulator.setSecret('simulated-client', 'rotated');
    const behind = await instance(KEYS[0], { clientSecret: 'the former one' });
    await expect(token(behind)).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED' });
    const rotated = await instance(KEYS[0], { clientSecret: 'rotated' });
    expect(await token(rotated)).toEqual(expect.any(String));
    expect(rotated.rotations.map(({ type }) => type)).toEqual(['acquired']);
  });
});

describe('Sealing keys of the user', () => {
  it('can be rotated: the first one seals, all of them open', async () => {
    const [older, newer] = KEYS;
    const before = await token(await instance(older));
    expect(await token(await instance([newer, older]))).toBe(before);
    const refreshed = await (await instance([newer, older])).tokens.refresh();
    expect(await token(await instance(newer))).toBe(refreshed);
    expect(requests()).toBe(2);
  });

  it('keep others out', async () => {
    await token(await instance(KEYS[0]));
    const other = await instance(KEYS[1]);
    await token(other);
    expect(requests()).toBe(2);
    expect(warnings(other)).toBe(1);
  });
});
