import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fails, issues } from './support/scripted-endpoint.js';
import { outcomeOf, VirtualInstances, type VirtualInstance } from './support/virtual-instances.js';

const S = 1_000;
const H = 3_600 * S;

let fleet: VirtualInstances;
let one: VirtualInstance;
let two: VirtualInstance;
beforeEach(async () => {
  fleet = new VirtualInstances();
  one = fleet.start();
  two = fleet.start();
  await one.tokens.getAccessToken();
  await two.tokens.getAccessToken();
  expect(fleet.requests).toBe(1);
  // A token that is requested in the same millisecond would count as requested later.
  await fleet.turn(1);
});
afterEach(() => fleet.stop());

const lockWaitOf = ({ events }: VirtualInstance): unknown =>
  (events.findLast(({ type }) => type === 'acquired' || type === 'adopted') as { lockWaitMs?: number }).lockWaitMs;

const failureOf = (instance: VirtualInstance) => instance.events.findLast(({ type }) => type === 'renewal-failed');

/** Holds it up once, right before the command. */
const holdUp = (instance: VirtualInstance, command: string, ms: number, times = 1): void => {
  let left = times;
  instance.way.before = (each) => {
    if (each === command && left > 0) {
      left -= 1;
      fleet.clock.jump(ms);
    }
  };
};
const turns = (): number => fleet.store.commands.filter((command) => command === 'take lock').length;

describe('The lock of another instance', () => {
  it('is waited for, and its token is taken', async () => {
    fleet.endpoint.next.push({ ...issues('shared'), afterMs: 0.5 * S });
    const first = one.tokens.refresh();
    await fleet.turn(0);
    const second = two.tokens.refresh();
    await fleet.turn(S);
    expect([await first, await second]).toEqual(['shared', 'shared']);
    expect(fleet.requests).toBe(2);
    expect(two.events.at(-1)).toMatchObject({ type: 'adopted', cause: 'refresh', lockWaitMs: 500 });
    expect(lockWaitOf(one)).toBe(0);
    // Two did not need the lock: the first token and this one were requested under it.
    expect(fleet.store.commands.filter((command) => command === 'release lock')).toHaveLength(2);
  });

  it.each([
    [0, 20],
    [0.5, 13],
    [0.999_999, 10],
  ])('is looked at every 100 ms, half of it drawn (%d): %d times in 1 s', async (draw, times) => {
    const three = fleet.start({ draw: () => draw });
    fleet.store.lockBy('somebody');
    const call = three.tokens.refresh();
    await fleet.turn(S);
    expect(Math.abs(fleet.store.commands.filter((command) => command === 'take lock').length - times)).toBeLessThan(3);
    await fleet.turn(6 * S);
    await call;
  });

  it('is waited for no longer than a lock lives, and is left to its owner', async () => {
    fleet.store.lockBy('somebody');
    const call = one.tokens.refresh();
    await fleet.turn(5_999);
    expect(fleet.requests).toBe(1);
    await fleet.turn(100);
    expect(await call).toBe('token-2');
    expect(lockWaitOf(one)).toBe(6_000);
    expect(fleet.store.kinds).toContain('lock');
  });

  it('is waited for to its end, though it was taken while the command to take it was on its way', async () => {
    let isTaken = false;
    two.way.before = (command) => {
      if (command === 'take lock' && !isTaken) {
        isTaken = true;
        fleet.clock.jump(200);
        fleet.store.lockBy('somebody who dies', 6 * S);
      }
    };
    const call = two.tokens.refresh();
    await fleet.turn(6_400);
    expect(await call).toBe('token-2');
    expect(fleet.requests).toBe(2);
    expect(lockWaitOf(two)).toBeGreaterThanOrEqual(6_200);
    // Under the lock, hence it is free again.
    expect(fleet.store.kinds).not.toContain('lock');
  });

  it('is tried once more when the response that it is taken arrives after its end', async () => {
    const startedAt = fleet.clock.now();
    fleet.store.lockBy('somebody who dies', 6 * S);
    two.way.after = (command) => {
      if (command === 'take lock' && fleet.clock.now() - startedAt > 5_900) {
        two.way.after = () => undefined;
        fleet.clock.jump(500);
      }
    };
    const releases = (): number => fleet.store.commands.filter((command) => command === 'release lock').length;
    const before = releases();
    const call = two.tokens.refresh();
    await fleet.turn(7 * S);
    expect(await call).toBe('token-2');
    expect(lockWaitOf(two)).toBeGreaterThan(6_400);
    // Asked under the lock.
    expect(releases()).toBe(before + 1);
  });

  it('is waited for anew when it has passed to another, once', async () => {
    fleet.store.lockBy('somebody');
    const call = one.tokens.refresh();
    await fleet.turn(3 * S);
    fleet.store.lockBy('somebody else');
    await fleet.turn(4 * S);
    fleet.store.lockBy('a third');
    await fleet.turn(1.9 * S);
    expect(fleet.requests).toBe(1);
    await fleet.turn(0.3 * S);
    expect(await call).toBe('token-2');
  });

  it('is waited for with two holders and no more, however long a call may wait', async () => {
    const three = fleet.start({ timeouts: { wait: 30 * S } });
    fleet.store.lockBy('somebody');
    const call = three.tokens.refresh();
    await fleet.turn(3 * S);
    fleet.store.lockBy('somebody else');
    await fleet.turn(4 * S);
    fleet.store.lockBy('a third');
    await fleet.turn(2.2 * S);
    expect(await call).toBe('token-2');
    expect(lockWaitOf(three)).toBeLessThanOrEqual(9.1 * S);
  });

  it('that somebody takes again and again ends nobody, for each caller gets a token in time', async () => {
    fleet.store.lockBy('somebody', 60 * S);
    const call = outcomeOf(one.tokens.refresh());
    await fleet.turn(5.8 * S);
    for (let taken = 0; taken < 50; taken += 1) {
      fleet.store.lockBy(`somebody, again: ${taken}`, 60 * S);
      await fleet.turn(0.1 * S);
    }
    // timeouts.wait is 10 s.
    expect(await call).toBe('token-2');
    expect(lockWaitOf(one)).toBeLessThanOrEqual(9.1 * S);
  });

  it('is followed by a turn of its own when it was given up without an outcome', async () => {
    fleet.store.lockBy('somebody', 2 * S);
    const call = one.tokens.refresh();
    await fleet.turn(2 * S + 50);
    expect(await call).toBe('token-2');
    expect(lockWaitOf(one)).toBe(2 * S);
  });

  it('is not waited for once the store is lost', async () => {
    fleet.store.lockBy('somebody');
    const call = one.tokens.refresh();
    await fleet.turn(S);
    one.way.isBroken = true;
    await fleet.turn(50);
    expect(await call).toBe('token-2');
  });

  it('is not waited for after the end', async () => {
    fleet.store.lockBy('somebody');
    const call = outcomeOf(one.tokens.refresh());
    await fleet.turn(S);
    await one.close();
    expect(await call).toBe('QUIQUP_SHUT_DOWN');
  });

  it('brings its failure, too, which costs no further request', async () => {
    fleet.endpoint.next.push({ ...fails(503), afterMs: 0.5 * S });
    const first = outcomeOf(one.tokens.refresh());
    await fleet.turn(0);
    const second = outcomeOf(two.tokens.refresh());
    await fleet.turn(S);
    expect([await first, await second]).toEqual(Array.from({ length: 2 }, () => 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE'));
    expect(fleet.requests).toBe(2);
    expect(two.events.at(-1)).toMatchObject({ type: 'renewal-failed', attempt: 1 });
    // The second pause of the fleet, after any instance's failure.
    fleet.endpoint.next.push(fails(503));
    await outcomeOf(two.tokens.refresh());
    expect(two.events.at(-1)).toMatchObject({ type: 'renewal-failed', attempt: 2 });
    expect(fleet.requests).toBe(3);
  });
});

describe('The failure of another instance', () => {
  it('is honoured before the endpoint is asked, once, and for the pause that all draw alike', async () => {
    const [three, four] = [fleet.start({ draw: () => 0.9 }), fleet.start({ draw: () => 0.1 })];
    fleet.store.entries.clear();
    fleet.endpoint.next.push(fails(429, '', { 'retry-after': '30' }));
    expect(await outcomeOf(three.tokens.getAccessToken())).toBe('QUIQUP_RATE_LIMITED');
    expect(await outcomeOf(four.tokens.getAccessToken())).toBe('QUIQUP_RATE_LIMITED');
    expect(fleet.requests).toBe(2);
    expect(failureOf(four)).toMatchObject({
      attempt: 1,
      nextAttemptAt: (failureOf(three) as { nextAttemptAt: Date }).nextAttemptAt,
      error: { status: 429, retryAfterMs: 30 * S },
    });
    // By a caller that knows that its cause is gone.
    four.memory.forgetFailure();
    expect(await four.tokens.getAccessToken()).toBe('token-2');
    expect(fleet.requests).toBe(3);
  });

  it('stays for 15 s more than its pause, so that the next to fail counts on', async () => {
    fleet.endpoint.always = fails(503);
    await outcomeOf(one.tokens.refresh());
    await fleet.turn(15.2 * S);
    await outcomeOf(two.tokens.refresh());
    expect(two.events.at(-1)).toMatchObject({ type: 'renewal-failed', attempt: 2 });
    await fleet.turn(16.1 * S);
    const three = fleet.start();
    const call = outcomeOf(three.tokens.refresh());
    await fleet.turn(S);
    await call;
    expect(three.events.find(({ type }) => type === 'renewal-failed')).toMatchObject({ attempt: 1 });
  });

  it('is kept for 10 min and 15 s more than its pause, for clocks may differ', async () => {
    fleet.endpoint.next.push(fails(401, { error: 'invalid_client' }));
    await outcomeOf(one.tokens.refresh());
    const failed = failureOf(one) as { readonly nextAttemptAt: Date };
    const pauseMs = failed.nextAttemptAt.getTime() - fleet.clock.wallNow();
    expect(pauseMs).toBeGreaterThan(10 * S);
    await fleet.turn(pauseMs + 614 * S);
    expect(fleet.store.kinds).toContain('failure');
    await fleet.turn(S);
    expect(fleet.store.kinds).not.toContain('failure');
  });

  it('is taken away by the next token, and nothing is where there was none', async () => {
    expect(fleet.store.commands).not.toContain('remove failure');
    fleet.endpoint.next.push(fails(503));
    await outcomeOf(one.tokens.refresh());
    expect(fleet.store.kinds).toContain('failure');
    await fleet.turn(S);
    await one.tokens.refresh();
    expect(fleet.store.kinds).not.toContain('failure');
  });

  it('does not stop an instance with other credentials', async () => {
    fleet.endpoint.next.push(fails(401));
    const wrong = fleet.start({ clientSecret: 'wrong' });
    expect(await outcomeOf(wrong.tokens.getAccessToken())).toBe('QUIQUP_CREDENTIALS_REFUSED');
    expect(await outcomeOf(fleet.start({ clientSecret: 'wrong' }).tokens.getAccessToken())).toBe(
      'QUIQUP_CREDENTIALS_REFUSED',
    );
    expect(fleet.requests).toBe(2);
    expect(await fleet.start({ clientSecret: 'right' }).tokens.getAccessToken()).toBe('token-2');
  });

  it('of which the secret was refused does not stop those who come to know another', async () => {
    let secret = 'old';
    const other = fleet.start({ clientSecret: 'old' });
    const rotating = fleet.start({ clientSecret: () => secret });
    fleet.endpoint.next.push(fails(401));
    await outcomeOf(other.tokens.getAccessToken());
    expect(await outcomeOf(rotating.tokens.getAccessToken())).toBe('QUIQUP_CREDENTIALS_REFUSED');
    expect(fleet.requests).toBe(2);
    secret = 'new';
    await fleet.turn(S);
    expect(await rotating.tokens.getAccessToken()).toBe('token-2');
  });
});

describe('An instance that was held up', () => {
  it('between the lock and the request starts over, for the lock would end before the request', async () => {
    const before = turns();
    holdUp(one, 'read failure', 1_001);
    expect(await one.tokens.refresh()).toBe('token-2');
    expect(turns() - before).toBe(2);
    expect(fleet.requests).toBe(2);
    expect(fleet.store.kinds).not.toContain('lock');
  });

  it('for no longer than lock and request differ goes on', async () => {
    const before = turns();
    holdUp(one, 'read failure', 1_000);
    expect(await one.tokens.refresh()).toBe('token-2');
    expect(turns() - before).toBe(1);
  });

  it('again and again starts over once', async () => {
    const before = turns();
    holdUp(one, 'read failure', 1_001, Infinity);
    expect(await one.tokens.refresh()).toBe('token-2');
    expect(turns() - before).toBe(2);
    expect(fleet.requests).toBe(2);
  });

  it('finds what another has brought meanwhile when it starts over', async () => {
    one.way.before = (command) => {
      if (command === 'read failure') {
        one.way.before = () => undefined;
        fleet.clock.jump(7 * S);
      }
    };
    const late = one.tokens.refresh();
    const other = two.tokens.refresh();
    await fleet.turn(0.1 * S);
    expect(await late).toBe(await other);
    expect(fleet.requests).toBe(2);
  });

  it('without the lock, which somebody else seems to have for good, goes on', async () => {
    fleet.store.lockBy('somebody');
    holdUp(one, 'read failure', 2 * S, Infinity);
    const call = one.tokens.refresh();
    await fleet.turn(20 * S);
    expect(await call).toBe('token-2');
  });

  it('while it asked takes the later token of another, and does not overwrite it', async () => {
    fleet.endpoint.next.push({ ...issues('late'), afterMs: S }, issues('later'));
    const late = one.tokens.refresh();
    await fleet.turn(0);
    fleet.clock.jump(6 * S);
    expect(await two.tokens.refresh()).toBe('later');
    await fleet.turn(0);
    expect(await late).toBe('later');
    expect(one.events.at(-1)).toMatchObject({ type: 'adopted' });
    expect(await fleet.start().tokens.getAccessToken()).toBe('later');
    expect(fleet.requests).toBe(3);
  });

  it('while it asked keeps its own token where that of another was requested before', async () => {
    await fleet.turn(0.8 * H);
    fleet.endpoint.next.push({ ...issues('first'), afterMs: 4 * S }, { ...issues('second'), afterMs: 4 * S });
    await one.tokens.getAccessToken();
    await fleet.turn(S);
    // Its lock is lost, so that another asks as well.
    [...fleet.store.entries.keys()]
      .filter((key) => key.endsWith(':lock'))
      .forEach((key) => fleet.store.entries.delete(key));
    await two.tokens.getAccessToken();
    await fleet.turn(0);
    expect(fleet.requests).toBe(3);
    fleet.clock.jump(6.5 * S);
    await fleet.turn(0);
    expect([await one.tokens.getAccessToken(), await two.tokens.getAccessToken()]).toEqual(['first', 'second']);
    expect(await fleet.start().tokens.getAccessToken()).toBe('second');
  });

  it('while it asked keeps its own token when there is no later one', async () => {
    fleet.endpoint.next.push({ ...issues('late'), afterMs: S });
    const late = one.tokens.refresh();
    await fleet.turn(0);
    fleet.clock.jump(6 * S);
    await fleet.turn(0);
    expect(await late).toBe('late');
    expect(await fleet.start().tokens.getAccessToken()).toBe('late');
  });

  it('while it asked, but for less than a lock lives, does not look', async () => {
    fleet.endpoint.next.push({ ...issues('in-time'), afterMs: S });
    const call = one.tokens.refresh();
    await fleet.turn(0);
    const reads = () => fleet.store.commands.filter((command) => command === 'read token').length;
    const before = reads();
    fleet.clock.jump(5_999);
    await fleet.turn(0);
    expect(await call).toBe('in-time');
    expect(reads()).toBe(before);
  });
});

describe('Two instances that ask at once after all', () => {
  it('are told so by invalid_token_reuse, and the one takes the token of the other', async () => {
    fleet.endpoint.next.push({ ...fails(400, { error: 'invalid_token_reuse' }), afterMs: S }, issues('of-two'));
    const first = one.tokens.refresh();
    await fleet.turn(0);
    fleet.store.lockBy('nobody', 0);
    expect(await two.tokens.refresh()).toBe('of-two');
    await fleet.turn(S);
    expect(await first).toBe('of-two');
    expect(one.events.some(({ type }) => type === 'renewal-failed')).toBe(false);
  });

  it('but any other failure is one, though the other has a token', async () => {
    fleet.endpoint.next.push({ ...fails(400, { error: 'server_error' }), afterMs: S }, issues('of-two'));
    const first = outcomeOf(one.tokens.refresh());
    await fleet.turn(0);
    fleet.store.lockBy('nobody', 0);
    await two.tokens.refresh();
    await fleet.turn(S);
    expect(await first).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
  });

  it('and without a token of the other it is a failure as any', async () => {
    fleet.endpoint.next.push(fails(400, { error: 'invalid_token_reuse' }));
    expect(await outcomeOf(one.tokens.refresh())).toBe('QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE');
    expect(fleet.store.kinds).toContain('failure');
  });
});

describe('The entry of a token', () => {
  it('is found with what is left of its life, however late', async () => {
    await fleet.turn(0.5 * H);
    const three = fleet.start();
    expect((await three.tokens.getToken()).expiresAt).toEqual((await one.tokens.getToken()).expiresAt);
    expect(three.memory.held).toMatchObject({ source: 'store', lifetimeMs: H });
    expect(one.memory.held).toMatchObject({ source: 'endpoint', id: three.memory.held?.id });
  });

  it('stays for 10 min more than the token, for clocks may differ', async () => {
    await fleet.turn(H + 599 * S);
    expect(fleet.store.kinds).toEqual(['token']);
    await fleet.turn(S);
    expect(fleet.store.kinds).toEqual([]);
  });

  it('of a token that ended on its way stays for 10 min and 1 s', async () => {
    fleet.endpoint.next.push(issues('ended', 0));
    await one.tokens.refresh();
    await fleet.turn(600 * S);
    expect(fleet.store.kinds).toEqual(['token']);
    await fleet.turn(S);
    expect(fleet.store.kinds).toEqual([]);
  });

  it('that is still good is not asked for twice by one that renews', async () => {
    await fleet.turn(0.8 * H);
    one.renewal.renewAhead();
    await fleet.turn(0);
    two.renewal.renewAhead();
    await fleet.turn(0);
    expect(two.events.at(-1)).toMatchObject({ type: 'adopted', cause: 'schedule', lockWaitMs: 0 });
    expect(fleet.requests).toBe(2);
  });

  it('between the look and the lock is found under the lock', async () => {
    await fleet.turn(1);
    let isFirst = true;
    one.way.before = (command) => {
      if (command === 'take lock' && isFirst) {
        isFirst = false;
        void two.tokens.refresh();
      }
    };
    const call = one.tokens.refresh();
    await fleet.turn(S);
    expect(await call).toBe('token-2');
    expect(fleet.requests).toBe(2);
  });
});
