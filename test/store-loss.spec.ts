import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fails, issues } from './support/scripted-endpoint.js';
import { outcomeOf, VirtualInstances, type VirtualInstance } from './support/virtual-instances.js';

const S = 1_000;
const H = 3_600 * S;

let fleet: VirtualInstances;
beforeEach(() => {
  fleet = new VirtualInstances();
});
afterEach(() => fleet.stop());

/** Lets the instance lose the store and get a token of its own, which takes no time. */
async function lose(instance: VirtualInstance, ownToken: string): Promise<void> {
  instance.way.isBroken = true;
  fleet.endpoint.next.push(issues(ownToken));
  expect(await instance.tokens.refresh()).toBe(ownToken);
  expect(typesOf(instance)).toContain('store-lost');
}

const typesOf = ({ events }: VirtualInstance): string[] => events.map(({ type }) => type);
/** The token that a new instance finds in the store, without a token request. */
async function stored(): Promise<unknown> {
  const { requests } = fleet;
  const token = await outcomeOf(fleet.start().tokens.getAccessToken());
  return fleet.requests === requests ? token : undefined;
}

describe('After a loss of the store', () => {
  let one: VirtualInstance;
  beforeEach(async () => {
    one = fleet.start();
    await one.tokens.getAccessToken();
  });

  it('the token in hand is put where others find it, with what is left of its life', async () => {
    await lose(one, 'own');
    fleet.store.entries.clear();
    await fleet.turn(0.5 * S);
    one.way.isBroken = false;
    await fleet.turn(0.5 * S);
    expect(typesOf(one)).toContain('store-back');
    const two = fleet.start();
    const [mine, theirs] = [await one.tokens.getToken(), await two.tokens.getToken()];
    expect(theirs.accessToken).toBe('own');
    expect(theirs.expiresAt).toEqual(mine.expiresAt);
    expect(fleet.requests).toBe(2);
    // The lock is free again.
    expect(fleet.store.kinds).toEqual(['token']);
  });

  it('a token that the endpoint gave twice is put there with the end that is known', async () => {
    await fleet.turn(0.5 * H);
    one.way.isBroken = true;
    fleet.endpoint.next.push(issues('token-1', 1_801));
    await one.tokens.refresh();
    fleet.store.entries.clear();
    one.way.isBroken = false;
    await fleet.turn(S);
    const two = fleet.start();
    expect((await two.tokens.getToken()).expiresAt).toEqual((await one.tokens.getToken()).expiresAt);
  });

  it('a newer token in the store stays', async () => {
    const two = fleet.start();
    await two.tokens.getAccessToken();
    await lose(one, 'own');
    await fleet.turn(0.1 * S);
    fleet.endpoint.next.push(issues('newer'));
    await two.tokens.refresh();
    one.way.isBroken = false;
    await fleet.turn(S);
    expect(typesOf(one)).toContain('store-back');
    expect(await stored()).toBe('newer');
  });

  it('a refused token is not put there', async () => {
    await lose(one, 'own');
    fleet.store.entries.clear();
    await fleet.turn(0.5 * S);
    one.way.isBroken = false;
    fleet.endpoint.next.push({ ...issues('next'), afterMs: 2 * S });
    const rejected = one.tokens.reject('own');
    await fleet.turn(S);
    expect(typesOf(one)).toContain('store-back');
    expect(fleet.store.kinds).toEqual([]);
    await fleet.turn(S);
    expect(await rejected).toBe('next');
    expect(await stored()).toBe('next');
  });

  it('a token that is about to be renewed is not put there', async () => {
    await lose(one, 'own');
    fleet.store.entries.clear();
    await fleet.turn(0.9 * H);
    one.way.isBroken = false;
    await fleet.turn(5 * S);
    expect(typesOf(one)).toContain('store-back');
    expect(fleet.store.kinds).toEqual([]);
  });

  it('nothing is put there while somebody has the lock, and is about to put a newer one', async () => {
    await lose(one, 'own');
    await fleet.turn(1);
    const two = fleet.start();
    fleet.endpoint.next.push({ ...issues('newer'), afterMs: 3 * S });
    const newer = two.tokens.refresh();
    await fleet.turn(0.5 * S);
    fleet.store.entries.forEach((_entry, key) => key.endsWith('token') && fleet.store.entries.delete(key));
    one.way.isBroken = false;
    await fleet.turn(S);
    expect(typesOf(one)).toContain('store-back');
    expect(fleet.store.kinds).toEqual(['lock']);
    await fleet.turn(2 * S);
    expect(await newer).toBe('newer');
    expect(await stored()).toBe('newer');
  });

  it('an instance without a token has nothing to put there', async () => {
    const two = fleet.start();
    two.way.isBroken = true;
    fleet.endpoint.next.push(fails(401), fails(401));
    expect(await outcomeOf(two.tokens.getAccessToken())).toBe('QUIQUP_CREDENTIALS_REFUSED');
    fleet.store.entries.clear();
    two.way.isBroken = false;
    await fleet.turn(S);
    expect(typesOf(two)).toContain('store-back');
    expect(fleet.store.kinds).toEqual([]);
  });

  it('one more 401 may cause a token request', async () => {
    for (let count = 1; count <= 4; count += 1) {
      await one.tokens.reject(one.tokens.peek() ?? '');
    }
    expect(fleet.requests).toBe(4);
    await lose(one, 'own');
    one.way.isBroken = false;
    await fleet.turn(S);
    expect(fleet.requests).toBe(5);
    await one.tokens.reject('own');
    expect(fleet.requests).toBe(6);
    await one.tokens.reject(one.tokens.peek() ?? '');
    expect(fleet.requests).toBe(6);
  });
});

describe('While the store is lost', () => {
  it('a stale token is not renewed on its own, an expiring one is', async () => {
    const one = fleet.start({ refresh: { enabled: true } });
    await one.tokens.getAccessToken();
    await lose(one, 'own');
    await fleet.turn(H - 60 * S - 1);
    expect(one.tokens.peek()).toBe('own');
    expect(fleet.requests).toBe(2);
    await fleet.turn(1);
    expect(fleet.requests).toBe(3);
    expect(one.tokens.peek()).toBe('token-2');
  });

  it('a stale token is not renewed by the calls that it serves either', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    await lose(one, 'own');
    await fleet.turn(0.9 * H);
    expect(one.tokens.peek()).toBe('own');
    expect(await one.tokens.getAccessToken()).toBe('own');
    await fleet.turn(S);
    expect(fleet.requests).toBe(2);
  });

  it('a renewal ahead of time that finds it out waits until the store is back', async () => {
    const one = fleet.start({ refresh: { enabled: true } });
    await one.tokens.getAccessToken();
    one.way.isBroken = true;
    await fleet.turn(0.8 * H + S);
    expect(typesOf(one)).toContain('store-lost');
    expect(fleet.requests).toBe(1);
    one.way.isBroken = false;
    await fleet.turn(5 * S);
    expect(typesOf(one)).toContain('store-back');
    expect(fleet.requests).toBe(2);
  });

  it('a renewal ahead of time of an expiring token does not wait for it', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    await fleet.turn(H - 30 * S);
    one.way.isBroken = true;
    one.renewal.renewAhead();
    await fleet.turn(0);
    expect(fleet.requests).toBe(2);
  });

  it('a call without a token does not wait for it', async () => {
    const one = fleet.start();
    one.way.isBroken = true;
    expect(await one.tokens.getAccessToken()).toBe('token-1');
  });

  it('a cold start looks at once whether it is back', async () => {
    const [one, two] = [fleet.start(), fleet.start()];
    one.way.isBroken = true;
    fleet.endpoint.always = fails(503);
    const failed = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(7.5 * S);
    expect(await failed).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    fleet.endpoint.always = {};
    await two.tokens.getAccessToken();
    const { requests } = fleet;
    one.way.isBroken = false;
    await fleet.turn(S);
    // The next probe was not due for another few seconds.
    expect(typesOf(one)).not.toContain('store-back');
    expect(await one.tokens.getAccessToken()).toBe('token-1');
    expect(fleet.requests).toBe(requests);
  });

  it('a renewal with a good token in hand sends no probe of its own', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    await lose(one, 'own');
    await fleet.turn(5 * S);
    const { probes } = one.way;
    await one.tokens.refresh();
    expect(one.way.probes).toBe(probes);
  });
});
