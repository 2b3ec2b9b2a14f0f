import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { fails, issues } from './support/scripted-endpoint.js';
import { outcomeOf, VirtualInstances, type VirtualInstance } from './support/virtual-instances.js';

const S = 1_000;
const H = 3_600 * S;

let fleet: VirtualInstances;
let one: VirtualInstance;
beforeEach(async () => {
  fleet = new VirtualInstances();
  one = fleet.start();
  await one.tokens.getAccessToken();
});
afterEach(() => fleet.stop());

const inHand = (instance = one): string => instance.memory.held?.accessToken ?? '';
const eventsOf = (type: string, { events } = one) => events.filter((event) => event.type === type);
const warnings = (): string[] => fleet.log.lines.filter((line) => line.startsWith('warn'));
const fingerprintOf = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 8);

/** A call that Quiqup refuses with the token in hand, and accepts with another. */
async function revoke(instance = one): Promise<boolean> {
  const refused = inHand(instance);
  const status = await instance.call((token) => token !== refused);
  await fleet.turn(0);
  return status === 200;
}

describe('A refused token', () => {
  it('is replaced once for all who have it, and told of by its fingerprint', async () => {
    const others = await Promise.all([1, 2, 3].map(() => one.tokens.reject('token-1')));
    expect(others).toEqual(['token-2', 'token-2', 'token-2']);
    expect(fleet.requests).toBe(2);
    expect(one.tokens.peek()).toBe('token-2');
    expect(eventsOf('rejected')).toEqual(
      Array.from({ length: 3 }, () => ({ type: 'rejected', fingerprint: fingerprintOf('token-1') })),
    );
    expect(one.events.at(-1)).toMatchObject({ type: 'acquired', cause: 'rejection' });
  });

  it('that has been replaced meanwhile costs nothing', async () => {
    expect(await one.tokens.reject('token-0')).toBe('token-1');
    expect(fleet.requests).toBe(1);
  });

  it('is served to nobody while the next is on its way', async () => {
    fleet.endpoint.next.push({ ...issues('next'), afterMs: 0.9 * S });
    const rejected = one.tokens.reject('token-1');
    const call = one.tokens.getAccessToken();
    await fleet.turn(0.5 * S);
    expect(one.tokens.peek()).toBeUndefined();
    await fleet.turn(S);
    expect([await rejected, await call]).toEqual(['next', 'next']);
  });

  it('is served again when there is none but it, and the 401 stands', async () => {
    fleet.endpoint.next.push(issues('token-1'));
    expect(await one.tokens.reject('token-1')).toBeUndefined();
    expect(one.tokens.peek()).toBe('token-1');
    expect(fleet.requests).toBe(2);
  });

  it('is asked for once more when the flight under way was answered before it was refused', async () => {
    await fleet.turn(0.8 * H);
    fleet.endpoint.next.push({ ...issues('token-1'), afterMs: S }, issues('other'));
    one.renewal.renewAhead();
    await fleet.turn(0.5 * S);
    const rejected = one.tokens.reject('token-1');
    await fleet.turn(S);
    expect(await rejected).toBe('other');
    expect(fleet.requests).toBe(3);
  });

  it('that another instance has replaced costs no request', async () => {
    const two = fleet.start();
    await two.tokens.getAccessToken();
    expect(await one.tokens.reject('token-1')).toBe('token-2');
    expect(await two.tokens.reject('token-1')).toBe('token-2');
    expect(fleet.requests).toBe(2);
    expect(two.events.at(-1)).toMatchObject({ type: 'adopted', cause: 'rejection' });
  });

  it('is replaced from the store when the refresh that it joined has failed', async () => {
    const other = fleet.start();
    const refused = await other.tokens.getAccessToken();
    const newer = await one.tokens.refresh();
    await fleet.turn(S);
    fleet.endpoint.always = fails(503);
    const refresh = outcomeOf(other.tokens.refresh());
    await fleet.turn(1);
    const replaced = outcomeOf(other.tokens.reject(refused));
    await fleet.turn(5 * S);
    expect(await refresh).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    expect(await replaced).toBe(newer);
  });

  it('does not come back from an older copy of the store, however many were seen since', async () => {
    const [[key, entry] = ['', undefined]] = fleet.store.entries;
    for (let count = 0; count < 14; count += 1) {
      await fleet.turn(30 * S);
      await one.tokens.reject(inHand());
    }
    expect(inHand()).toBe('token-15');
    fleet.store.entries.set(key, entry as never);
    await fleet.turn(30 * S);
    expect(await one.tokens.reject('token-15')).toBe('token-16');
  });

  it('fails those who wait with the reason why there is no other', async () => {
    fleet.endpoint.always = fails(401);
    expect(await outcomeOf(one.tokens.reject('token-1'))).toBe('QUIQUP_CREDENTIALS_REFUSED');
    expect(one.tokens.peek()).toBe('token-1');
  });

  it('that has expired is replaced as any that has, whatever the budget', async () => {
    for (let count = 0; count < 3; count += 1) {
      await one.tokens.reject(inHand());
    }
    fleet.endpoint.next.push(issues('short', 10));
    await one.tokens.refresh();
    await fleet.turn(10 * S);
    one.memory.clearFailure(fleet.clock.now());
    for (let count = 0; count < 5; count += 1) {
      fleet.endpoint.next.push(issues(`short-${count}`, 1));
      await one.tokens.reject(inHand());
      await fleet.turn(S);
    }
    expect(fleet.requests).toBe(1 + 3 + 1 + 5);
    expect(eventsOf('acquired').at(-1)).toMatchObject({ cause: 'call' });
  });

  it('ends the wait of a caller with its signal', async () => {
    fleet.endpoint.always = { afterMs: Infinity };
    const controller = new AbortController();
    const rejected = outcomeOf(one.tokens.reject('token-1', { signal: controller.signal }));
    await fleet.turn(S);
    controller.abort(new Error('gone'));
    expect(await rejected).toBe('gone');
  });

  it('is waited for no longer than timeouts.wait', async () => {
    fleet.endpoint.always = { ...fails(503), afterMs: 4_900 };
    const short = fleet.start({ timeouts: { tokenRequest: 4_950, lock: 4_960, wait: 5_960 } });
    await short.tokens.getAccessToken();
    await fleet.turn(H);
    const rejected = outcomeOf(short.tokens.reject('token-1'));
    await fleet.turn(5_960);
    expect(await rejected).toBe('QUIQUP_TOKEN_WAIT_TIMEOUT');
  });
});

describe('The budget for token requests after 401s', () => {
  it('is three at once, then one in 30 s', async () => {
    for (let seconds = 0; seconds < 300; seconds += 1) {
      await one.tokens.reject(inHand());
      await fleet.turn(S);
    }
    const start = fleet.endpoint.requests[0]?.at ?? 0;
    expect(fleet.requestedAfter(start).slice(1)).toEqual([
      ...[0, 1, 2].map((at) => at * S),
      ...[30, 60, 90, 120, 150, 180, 210, 240, 270].map((at) => at * S),
    ]);
  });

  it('is one in a quarter of the lifetime when tokens live short', async () => {
    let count = 0;
    fleet.endpoint.next.push(...Array.from({ length: 20 }, () => issues(`short-${(count += 1)}`, 40)));
    await one.tokens.refresh();
    for (let seconds = 0; seconds < 25; seconds += 1) {
      await one.tokens.reject(inHand());
      await fleet.turn(S);
    }
    expect(fleet.requests).toBe(2 + 3 + 2);
  });

  it('is told of once when it is exhausted: a line and an event, with when there is a request again', async () => {
    for (let count = 0; count < 6; count += 1) {
      await one.tokens.reject(inHand());
    }
    const nextRequestAt = new Date(fleet.clock.wallNow() + 30 * S);
    expect(eventsOf('budget-exhausted')).toEqual([{ type: 'budget-exhausted', nextRequestAt }]);
    expect(warnings()).toEqual([expect.stringContaining(nextRequestAt.toISOString())]);
    expect(await one.tokens.reject(inHand())).toBeUndefined();
    // A refused token stays good for calls that have the right.
    expect(one.tokens.peek()).toBe(inHand());
    await fleet.turn(30 * S);
    await one.tokens.reject(inHand());
    await one.tokens.reject(inHand());
    expect(eventsOf('budget-exhausted')).toHaveLength(1);
  });

  it('is told of again after it was full', async () => {
    for (let count = 0; count < 5; count += 1) {
      await one.tokens.reject(inHand());
    }
    await fleet.turn(90 * S);
    for (let count = 0; count < 5; count += 1) {
      await one.tokens.reject(inHand());
    }
    expect(eventsOf('budget-exhausted')).toHaveLength(2);
  });

  it('is told of again after a call was accepted', async () => {
    for (let count = 0; count < 5; count += 1) {
      await one.tokens.reject(inHand());
    }
    await fleet.turn(30 * S);
    expect(await revoke()).toBe(true);
    for (let count = 0; count < 3; count += 1) {
      await one.tokens.reject(inHand());
    }
    expect(eventsOf('budget-exhausted')).toHaveLength(2);
  });

  it('gets 0.9 of a request back for a call that was accepted', async () => {
    for (let count = 0; count < 19; count += 1) {
      expect(await revoke()).toBe(true);
    }
    expect(await one.tokens.reject(inHand())).toBeDefined();
    expect(await one.tokens.reject(inHand())).toBeUndefined();
    expect(fleet.requests).toBe(21);
  });

  it('holds up no call of a kind that was accepted before, and does not grow by it', async () => {
    for (let count = 0; count < 40; count += 1) {
      expect(await revoke()).toBe(true);
    }
    expect(fleet.requests).toBe(41);
    expect(await one.tokens.reject(inHand())).toBeUndefined();
  });

  it('never holds more than three', async () => {
    for (let count = 0; count < 3; count += 1) {
      expect(await revoke()).toBe(true);
      await fleet.turn(H / 10);
    }
    const { requests } = fleet;
    for (let count = 0; count < 6; count += 1) {
      await one.tokens.reject(inHand());
    }
    expect(fleet.requests - requests).toBe(3);
  });

  it('is not touched by a request that brought nothing', async () => {
    for (let count = 0; count < 4; count += 1) {
      fleet.endpoint.next.push(fails(503), fails(503), fails(503));
      const rejected = outcomeOf(one.tokens.reject(inHand()));
      await fleet.turn(20 * S);
      expect(await rejected).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    }
    expect(fleet.requests).toBe(13);
    expect(await one.tokens.reject(inHand())).toBe('token-2');
    expect(eventsOf('budget-exhausted')).toEqual([]);
  });

  it('gets nothing back for calls that joined the request of another call', async () => {
    for (let count = 1; count <= 4; count += 1) {
      fleet.endpoint.next.push({ ...issues(`next-${count}`), afterMs: 10 });
      const refused = inHand();
      const calls = [one.call(() => false), ...[1, 2, 3].map(() => one.call((token) => token !== refused))];
      await fleet.turn(10);
      await Promise.all(calls);
    }
    expect(fleet.requests).toBe(4);
  });

  it('gets nothing back for a token that another instance has got', async () => {
    const two = fleet.start();
    for (let count = 1; count <= 4; count += 1) {
      await two.tokens.getAccessToken();
      await one.tokens.reject(inHand());
      await revoke(two);
      await fleet.turn(1);
    }
    // The last one is of the other instance, whose calls had been accepted.
    expect(fleet.requests).toBe(5);
  });

  it('lets a token that nothing can be done about serve on, without a wait', async () => {
    for (let count = 0; count < 3; count += 1) {
      await one.tokens.reject(inHand());
    }
    const rejected = one.tokens.reject(inHand());
    expect(one.tokens.peek()).toBe(inHand());
    expect(await rejected).toBeUndefined();
  });

  it('is one for the whole fleet', async () => {
    const two = fleet.start();
    await two.tokens.getAccessToken();
    for (let count = 0; count < 3; count += 1) {
      await one.tokens.reject(inHand());
      await two.tokens.reject(inHand(two));
    }
    const { requests } = fleet;
    await fleet.turn(1);
    expect(await two.tokens.reject(inHand(two))).toBeUndefined();
    expect(await one.tokens.reject(inHand())).toBeUndefined();
    expect(fleet.requests).toBe(requests);
    expect(requests).toBe(4);
    // What one gets back, the other has.
    await fleet.turn(30 * S);
    expect(await revoke()).toBe(true);
    await fleet.turn(3 * S);
    expect(await revoke(two)).toBe(true);
  });

  it('is taken from once for a token that is found under the lock', async () => {
    const two = fleet.start();
    await two.tokens.getAccessToken();
    fleet.endpoint.next.push({ ...issues('next'), afterMs: S });
    const rejected = [one.tokens.reject('token-1'), two.tokens.reject('token-1')];
    await fleet.turn(2 * S);
    expect(await Promise.all(rejected)).toEqual(['next', 'next']);
    expect(await one.tokens.reject('next')).toBe('token-2');
    expect(await one.tokens.reject('token-2')).toBe('token-3');
    expect(await one.tokens.reject('token-3')).toBeUndefined();
  });
});

describe('Another application that uses the same client', () => {
  it('is suspected when three tokens in a row are refused within a minute, once', async () => {
    for (let count = 1; count <= 6; count += 1) {
      await fleet.turn(5 * S);
      expect(await revoke()).toBe(true);
      expect(warnings()).toHaveLength(count < 3 ? 0 : 1);
    }
    expect(warnings()).toEqual([expect.stringMatching(/refused 3 tokens in a row/)]);
    expect(eventsOf('recovered').at(-1)).toEqual({ type: 'recovered', fingerprint: fingerprintOf(inHand()) });
  });

  it('is not suspected when one of them lived for a minute', async () => {
    for (const seconds of [5, 5, 60, 5, 5]) {
      await fleet.turn(seconds * S);
      await revoke();
    }
    expect(warnings()).toEqual([]);
    await fleet.turn(59.9 * S);
    await revoke();
    expect(warnings()).toHaveLength(1);
  });

  it('is not suspected when tokens that live short are refused after a quarter of their life', async () => {
    fleet.endpoint.next.push(...[1, 2, 3, 4, 5, 6, 7].map((count) => issues(`short-${count}`, 40)));
    await one.tokens.refresh();
    for (let count = 0; count < 4; count += 1) {
      await fleet.turn(10 * S);
      await revoke();
    }
    expect(warnings()).toEqual([]);
  });

  it('is not suspected for calls that another call has got the token for', async () => {
    for (let count = 0; count < 4; count += 1) {
      fleet.endpoint.next.push({ ...issues(`next-${count}`), afterMs: 10 });
      const refused = inHand();
      const isOther = (token: string): boolean => token !== refused;
      // The first has no right to it, and leaves the second alone with the next.
      const calls = [one.call(() => false), one.call(isOther)];
      await fleet.turn(10);
      expect(await Promise.all(calls)).toEqual([401, 200]);
      await fleet.turn(60 * S);
    }
    expect(eventsOf('recovered')).toHaveLength(4);
    expect(warnings()).toEqual([]);
  });
});

describe('A call that is lost', () => {
  it('is told of with its reason', async () => {
    expect(await one.call(() => false)).toBe(401);
    expect(one.events.at(-1)).toEqual({ type: 'not-recovered', reason: 'refused-again' });
  });
});
