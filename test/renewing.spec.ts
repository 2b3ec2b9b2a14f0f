import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fails, issues } from './support/scripted-endpoint.js';
import { outcomeOf, VirtualInstances, type VirtualInstance } from './support/virtual-instances.js';

const S = 1_000;
const H = 3_600 * S;
const UNAVAILABLE = 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE';
const REFUSED = 'QUIQUP_CREDENTIALS_REFUSED';

let fleet: VirtualInstances;
let startedAt: number;
beforeEach(() => {
  fleet = new VirtualInstances();
  startedAt = fleet.clock.now();
});
afterEach(() => fleet.stop());

const rotationsOf = ({ events }: VirtualInstance) =>
  events.filter(({ type }) => ['acquired', 'adopted', 'reused', 'renewal-failed'].includes(type));

describe('A passing failure', () => {
  beforeEach(() => {
    fleet.endpoint.always = fails(503);
  });

  it('is tried three times for a call, after a pause of 0.5 s and 1 s, half of it drawn', async () => {
    const one = fleet.start({ draw: () => 0.5 });
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(10 * S);
    expect(await call).toBe(UNAVAILABLE);
    expect(fleet.requestedAfter(startedAt)).toEqual([0, 375, 375 + 750]);
  });

  it('pauses for up to 5 s while nobody has a token', async () => {
    const one = fleet.start({ draw: () => 0.999_999 });
    for (let seconds = 0; seconds < 60; seconds += 0.5) {
      void outcomeOf(one.tokens.getAccessToken());
      await fleet.turn(0.5 * S);
    }
    const at = fleet.requestedAfter(startedAt);
    const pauses = at.slice(1).map((time, index) => Math.ceil((time - (at[index] ?? 0)) / S));
    expect(pauses.slice(0, 4)).toEqual([1, 1, 2, 4]);
    expect(new Set(pauses.slice(4))).toEqual(new Set([5]));
  });

  it('fails a call at once when the pause is longer than calls wait', async () => {
    fleet.endpoint.always = fails(429, '', { 'retry-after': '11' });
    const one = fleet.start();
    expect(await outcomeOf(one.tokens.getAccessToken())).toBe('QUIQUP_RATE_LIMITED');
    await fleet.turn(0.9 * S);
    expect(await outcomeOf(one.tokens.getAccessToken())).toBe('QUIQUP_RATE_LIMITED');
    expect(fleet.requests).toBe(1);
    await fleet.turn(0.2 * S);
    const call = outcomeOf(one.tokens.getAccessToken());
    fleet.endpoint.always = {};
    await fleet.turn(9.9 * S);
    expect(await call).toBe('token-1');
    expect(fleet.requestedAfter(startedAt)).toEqual([0, 11 * S]);
  });

  it('does not keep a call from the token that another instance brings during the pause', async () => {
    fleet.endpoint.next.push({ ...issues('theirs'), afterMs: 3 * S }, fails(429, '', { 'retry-after': '8' }));
    const two = fleet.start();
    const theirs = two.tokens.getAccessToken();
    await fleet.turn(0);
    // Their lock is lost, so that both ask.
    [...fleet.store.entries.keys()].forEach((key) => key.endsWith(':lock') && fleet.store.entries.delete(key));
    const call = fleet.start().tokens.getAccessToken();
    await fleet.turn(3.3 * S);
    expect([await theirs, await call]).toEqual(['theirs', 'theirs']);
    expect(fleet.requests).toBe(2);
  });

  it('of an explicit refresh is not that of a call that joined it', async () => {
    const one = fleet.start();
    fleet.endpoint.always = {};
    fleet.endpoint.next.push(fails(503), fails(503), fails(503));
    const refresh = outcomeOf(one.tokens.refresh());
    await fleet.turn(0);
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(9 * S);
    expect([await refresh, await call]).toEqual([UNAVAILABLE, 'token-1']);
    expect(fleet.requests).toBe(4);
  });

  it('is tried once when there is a usable token', async () => {
    const one = fleet.start();
    fleet.endpoint.next.push(issues('first'));
    await one.tokens.getAccessToken();
    expect(await outcomeOf(one.tokens.refresh())).toBe(UNAVAILABLE);
    expect(fleet.requests).toBe(2);
    expect(one.tokens.peek()).toBe('first');
  });

  it('costs one line in the log until it is over, and one event each time', async () => {
    const one = fleet.start();
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(2 * S);
    await call;
    fleet.endpoint.next.push(fails(429), {});
    const second = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(5 * S);
    expect(await second).toBe('token-1');
    expect(fleet.log.lines).toEqual([
      expect.stringMatching(/^warn .*cannot answer/),
      expect.stringMatching(/^warn .*limits this client/),
      expect.stringMatching(/^log .*issues tokens again/),
    ]);
    expect(rotationsOf(one)).toMatchObject([
      { type: 'renewal-failed', cause: 'call', attempt: 1 },
      { type: 'renewal-failed', cause: 'call', attempt: 2 },
      { type: 'renewal-failed', cause: 'call', attempt: 3 },
      { type: 'renewal-failed', cause: 'call', attempt: 4 },
      { type: 'acquired', cause: 'call' },
    ]);
    fleet.endpoint.next.push({});
    await one.tokens.refresh();
    expect(fleet.log.lines).toHaveLength(3);
  });

  it('tells when the endpoint is asked next', async () => {
    const one = fleet.start();
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(0);
    expect(rotationsOf(one)).toMatchObject([{ nextAttemptAt: new Date(fleet.clock.wallNow() + 250) }]);
    await fleet.turn(2 * S);
    await call;
  });

  it('is counted from one again after a token', async () => {
    const one = fleet.start();
    fleet.endpoint.always = {};
    await one.tokens.getAccessToken();
    for (let count = 0; count < 2; count += 1) {
      fleet.endpoint.next.push(fails(503));
      await outcomeOf(one.tokens.refresh());
      const next = one.tokens.refresh();
      await fleet.turn(S);
      await next;
    }
    expect(rotationsOf(one).flatMap((event) => (event.type === 'renewal-failed' ? [event.attempt] : []))).toEqual([
      1, 1,
    ]);
  });

  it('in the background costs no call, and the pause ends with the token in hand', async () => {
    const one = fleet.start({ refresh: { enabled: true }, draw: () => 0.999_999 });
    fleet.endpoint.next.push(issues('short', 100));
    await one.tokens.getAccessToken();
    const before = fleet.requests;
    await fleet.turn(99 * S);
    expect(fleet.requests).toBeGreaterThan(before + 2);
    expect(await one.tokens.getAccessToken()).toBe('short');
    const asked = fleet.requests;
    fleet.endpoint.always = {};
    await fleet.turn(S + 10);
    expect(fleet.requests).toBe(asked + 1);
    expect(one.tokens.peek()).toBe('token-1');
  });
});

describe('Credentials that are refused', () => {
  it('are not tried again for 30 s, doubling, and are asked for at most once a second', async () => {
    fleet.endpoint.always = fails(401, { error: 'invalid_client' });
    let asked = 0;
    const one = fleet.start({
      clientSecret: () => {
        asked += 1;
        return 'wrong';
      },
    });
    for (let calls = 0; calls < 600; calls += 1) {
      expect(await outcomeOf(one.tokens.getAccessToken())).toBe(REFUSED);
      await fleet.turn(0.25 * S);
    }
    expect(fleet.requestedAfter(startedAt)).toEqual([0, 30 * S, 90 * S]);
    expect(asked).toBeGreaterThan(140);
    expect(asked).toBeLessThan(160);
    expect(fleet.log.lines).toHaveLength(1);
  });

  it.each(['clientId', 'clientSecret'] as const)(
    'are tried again within a second when the %s changes',
    async (option) => {
      fleet.endpoint.always = fails(401, { error: 'invalid_client' });
      let value = 'old';
      const one = fleet.start({ [option]: () => value });
      expect(await outcomeOf(one.tokens.getAccessToken())).toBe(REFUSED);
      fleet.endpoint.always = {};
      value = 'new';
      await fleet.turn(S - 1);
      expect(await outcomeOf(one.tokens.getAccessToken())).toBe(REFUSED);
      await fleet.turn(1);
      expect(await outcomeOf(one.tokens.getAccessToken())).toBe('token-1');
      expect(fleet.endpoint.requests.at(-1)?.body).toMatchObject({
        [option === 'clientId' ? 'client_id' : 'client_secret']: 'new',
      });
      expect(fleet.requests).toBe(2);
    },
  );

  it('are tried again at once when they changed on their way', async () => {
    const secrets = ['old', 'new'];
    fleet.endpoint.next.push(fails(401, { error: 'invalid_client' }));
    const one = fleet.start({ clientSecret: () => secrets.shift() ?? 'new' });
    expect(await one.tokens.getAccessToken()).toBe('token-1');
    expect(fleet.requests).toBe(2);
  });

  it('are not tried again when they cannot be had', async () => {
    fleet.endpoint.always = fails(401, { error: 'invalid_client' });
    let isBroken = false;
    const one = fleet.start({
      clientSecret: () => (isBroken ? Promise.reject(new Error('broken')) : 'wrong'),
    });
    await outcomeOf(one.tokens.getAccessToken());
    isBroken = true;
    await fleet.turn(2 * S);
    expect(await outcomeOf(one.tokens.getAccessToken())).toBe(REFUSED);
    expect(fleet.requests).toBe(1);
  });

  it('after passing failures are the first failure of their kind', async () => {
    fleet.endpoint.next.push(fails(503), fails(503), fails(401, { error: 'invalid_client' }));
    const one = fleet.start();
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(2 * S);
    expect(await call).toBe(REFUSED);
    expect(rotationsOf(one)).toMatchObject([{ attempt: 1 }, { attempt: 2 }, { attempt: 1 }]);
  });
});

describe('A credential that cannot be had', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('canary'))],
    ['throws', () => Promise.resolve().then(() => JSON.parse('{') as string)],
    ['yields nothing', () => ''],
    ['yields no text', () => 5 as unknown as string],
  ])('is an error of its own when its function %s, and is tried again', async (_how, clientSecret) => {
    const one = fleet.start({ clientSecret });
    const call = one.tokens.getAccessToken().catch((error: unknown) => error);
    await fleet.turn(2 * S);
    expect(await call).toMatchObject({
      code: 'QUIQUP_CREDENTIALS_UNAVAILABLE',
      message: expect.stringContaining('clientSecret'),
    });
    expect(String(await call)).not.toContain('canary');
    expect(fleet.requests).toBe(0);
    expect(rotationsOf(one)).toMatchObject([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
    // It says nothing about the token endpoint.
    expect(fleet.store.kinds).toEqual([]);
  });
});

describe('One flight', () => {
  it('serves all who ask while it is under way', async () => {
    const one = fleet.start();
    expect(await Promise.all(Array.from({ length: 5 }, () => one.tokens.getAccessToken()))).toEqual(
      Array.from({ length: 5 }, () => 'token-1'),
    );
    expect(fleet.requests).toBe(1);
    expect(one.renewal.isRunning).toBe(false);
  });

  it('does not serve a refresh that was asked for after it began', async () => {
    const one = fleet.start();
    fleet.endpoint.next.push({ ...issues('early'), afterMs: S }, issues('late'));
    const early = one.tokens.getAccessToken();
    await fleet.turn(0.5 * S);
    const late = one.tokens.refresh();
    await fleet.turn(S);
    expect([await early, await late]).toEqual(['early', 'late']);
  });

  it('for a 401 does not serve a refresh that was asked for at the same time, with a token from before', async () => {
    const [one, other] = [fleet.start(), fleet.start()];
    const refused = await one.tokens.getAccessToken();
    await other.tokens.getAccessToken();
    await fleet.turn(S);
    const newer = await other.tokens.refresh();
    await fleet.turn(S);
    const refreshed = one.tokens.refresh();
    expect(await one.tokens.reject(refused)).toBe(newer);
    expect([refused, newer]).not.toContain(await refreshed);
  });

  it('outlives a flight that failed before it', async () => {
    const one = fleet.start();
    fleet.endpoint.next.push({ ...fails(401), afterMs: S }, issues('late'));
    const early = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(0.5 * S);
    one.memory.forgetFailure();
    const late = outcomeOf(one.tokens.refresh());
    await fleet.turn(0.5 * S);
    expect(await early).toBe(REFUSED);
    expect(await late).toBe(REFUSED);
    await fleet.turn(31 * S);
    expect(await one.tokens.refresh()).toBe('late');
  });

  it('ends when the application shuts down, whatever it was doing', async () => {
    const one = fleet.start();
    fleet.endpoint.always = { afterMs: Infinity };
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(S);
    await one.close();
    expect(await call).toBe('QUIQUP_SHUT_DOWN');
    expect(one.renewal.isClosed).toBe(true);
    expect(await outcomeOf(one.tokens.getAccessToken())).toBe('QUIQUP_SHUT_DOWN');
    expect(fleet.requests).toBe(1);
    expect(rotationsOf(one)).toEqual([]);
    // The lock is free, and nothing waits for its time.
    expect(fleet.store.kinds).toEqual([]);
    expect(fleet.clock.pending).toBe(0);
  });

  it('ends in the pause after a failure, too', async () => {
    const one = fleet.start();
    fleet.endpoint.always = fails(503);
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(10);
    await one.close();
    expect(await call).toBe('QUIQUP_SHUT_DOWN');
  });

  it('is not begun for a credential that came after the end', async () => {
    const gives: ((secret: string) => void)[] = [];
    const one = fleet.start({ clientSecret: () => new Promise((resolve) => void gives.push(resolve)) });
    const call = outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(0);
    const closed = one.close();
    gives[0]?.('');
    await closed;
    expect(await call).toBe('QUIQUP_SHUT_DOWN');
    expect(rotationsOf(one)).toEqual([]);
  });

  it('after the end, a token that is still good serves', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    await fleet.turn(H - 30 * S);
    await one.close();
    expect(await one.tokens.getAccessToken()).toBe('token-1');
    await fleet.turn(30 * S);
    expect(await outcomeOf(one.tokens.getAccessToken())).toBe('QUIQUP_SHUT_DOWN');
  });
});

describe('A call for a token', () => {
  let one: VirtualInstance;
  const servedAfter = async (): Promise<[string, number]> => {
    const since = fleet.clock.now();
    let servedAt = NaN;
    const call = one.tokens.getToken().finally(() => (servedAt = fleet.clock.now()));
    call.catch(() => undefined);
    while (Number.isNaN(servedAt)) {
      await fleet.turn(10);
    }
    const after = Math.round((servedAt - since) / 10) * 10;
    return [(await outcomeOf(call.then(({ accessToken }) => accessToken))) as string, after];
  };
  beforeEach(async () => {
    one = fleet.start();
    fleet.endpoint.next.push(issues('first', 100));
    await one.tokens.getAccessToken();
    fleet.endpoint.always = { ...issues('second'), afterMs: 3 * S };
  });

  it.each<[string, number, string | undefined, [string, number], number]>([
    ['fresh', 79, 'first', ['first', 0], 1],
    ['stale', 81, 'first', ['first', 0], 2],
    ['expiring', 91, undefined, ['first', 1_000], 2],
    ['expiring and nearly ended', 99, undefined, ['first', 500], 2],
    ['expired', 100, undefined, ['second', 3_000], 2],
  ])('while one is %s', async (_phase, atS, peeked, served, requests) => {
    await fleet.turn(atS * S);
    expect(await servedAfter()).toEqual(served);
    expect(fleet.requests).toBe(requests);
    await fleet.turn(5 * S);
    expect(fleet.requests).toBe(requests);
    const two = fleet.start();
    fleet.store.entries.clear();
    fleet.endpoint.always = issues('third', 100);
    await two.tokens.getAccessToken();
    await fleet.turn(atS * S);
    const { requests: before } = fleet;
    expect(two.tokens.peek()).toBe(peeked && 'third');
    await fleet.turn(0);
    expect(fleet.requests - before).toBe(atS === 81 ? 1 : 0);
  });

  it('is served by the next when that comes in time', async () => {
    fleet.endpoint.always = { ...issues('second'), afterMs: 0.5 * S };
    await fleet.turn(91 * S);
    expect(await servedAfter()).toEqual(['second', 500]);
  });

  it('is served with the one in hand when the next cannot be had, and at once during the pause after that', async () => {
    fleet.endpoint.always = { ...fails(503), afterMs: 0.2 * S };
    await fleet.turn(91 * S);
    expect(await servedAfter()).toEqual(['first', 200]);
    expect(await servedAfter()).toEqual(['first', 0]);
    expect(fleet.requests).toBe(2);
  });

  it('ends with its signal, and no other with it', async () => {
    await fleet.turn(100 * S);
    const controller = new AbortController();
    const call = outcomeOf(one.tokens.getAccessToken({ signal: controller.signal }));
    const other = one.tokens.getAccessToken({ signal: new AbortController().signal });
    await fleet.turn(S);
    controller.abort(new Error('gone'));
    expect(await call).toBe('gone');
    await fleet.turn(2 * S);
    expect(await other).toBe('second');
  });

  it('is not begun with a signal that has aborted, though a token be in hand', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    for (const call of [
      one.tokens.getAccessToken({ signal }),
      one.tokens.getToken({ signal }),
      one.tokens.refresh({ signal }),
      one.tokens.reject('first', { signal }),
    ]) {
      expect(await outcomeOf(call)).toBe('gone');
    }
    expect(fleet.requests).toBe(1);
    expect(await one.tokens.getAccessToken({ signal: new AbortController().signal })).toBe('first');
  });

  it('waits for as long as timeouts.wait says', async () => {
    fleet.endpoint.always = { ...issues('second'), afterMs: 4_999 };
    fleet.endpoint.next.push({ ...fails(503), afterMs: 4_900 }, { ...fails(503), afterMs: 4_900 });
    await fleet.turn(100 * S);
    expect(await servedAfter()).toEqual(['QUIQUP_TOKEN_WAIT_TIMEOUT', 10_000]);
  });

  it('is told when the token ends', async () => {
    const { expiresAt } = await one.tokens.getToken();
    expect(expiresAt).toEqual(new Date(fleet.clock.wallNow() + 100 * S));
  });
});

describe('A renewal ahead of time', () => {
  it('is none before it is due, nor while another is under way, nor after it was stopped', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    expect(one.renewal.dueAt - startedAt).toBe(0.8 * H);
    await fleet.turn(0.8 * H - 1);
    one.renewal.renewAhead();
    expect(one.renewal.isRunning).toBe(false);
    await fleet.turn(1);
    fleet.endpoint.always = { ...issues('second'), afterMs: S };
    one.renewal.renewAhead();
    one.renewal.renewAhead();
    expect(one.renewal.isRunning).toBe(true);
    await fleet.turn(S);
    expect(fleet.requests).toBe(2);
    expect(rotationsOf(one)).toMatchObject([{ cause: 'call' }, { cause: 'schedule' }]);
    await fleet.turn(0.8 * H);
    one.stopAhead();
    one.renewal.renewAhead();
    expect(one.renewal.isRunning).toBe(false);
    // Calls still get a token.
    await fleet.turn(H);
    const call = one.tokens.getAccessToken();
    await fleet.turn(S);
    expect(await call).toBe('second');
  });

  it('is none after the end', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    await fleet.turn(0.9 * H);
    await one.renewal.close();
    one.renewal.renewAhead();
    expect(one.renewal.isRunning).toBe(false);
  });
});

describe('A server that reuses tokens', () => {
  it('is told from one that issues new ones, and from another instance that did', async () => {
    const [one, two] = [fleet.start(), fleet.start()];
    fleet.endpoint.always = issues('same');
    await one.tokens.getAccessToken();
    await two.tokens.getAccessToken();
    await fleet.turn(1);
    await one.tokens.refresh();
    const end = new Date(fleet.clock.wallNow() - 1 + H);
    expect(rotationsOf(one)).toMatchObject([
      { type: 'acquired', cause: 'call', expiresAt: end },
      {
        type: 'reused',
        cause: 'refresh',
        staleAt: new Date(end.getTime() - 0.2 * H),
        expiringAt: new Date(end.getTime() - 60 * S),
        expiresAt: end,
        lockWaitMs: 0,
        fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    ]);
    expect(rotationsOf(two)).toMatchObject([{ type: 'adopted', cause: 'call', expiresAt: end, lockWaitMs: 0 }]);
  });

  it('that goes on with a token that has ended is asked with growing pauses', async () => {
    const one = fleet.start({ refresh: { enabled: true } });
    fleet.endpoint.next.push(issues('same', 10), issues('same', 2), issues('same', 1));
    fleet.endpoint.always = issues('same', 0);
    await one.tokens.getAccessToken();
    await fleet.turn(11.9 * S);
    expect(rotationsOf(one).some(({ type }) => type === 'renewal-failed')).toBe(false);
    await fleet.turn(30 * S);
    expect(rotationsOf(one).find(({ type }) => type === 'renewal-failed')).toMatchObject({
      error: { code: UNAVAILABLE },
      attempt: 1,
    });
    const count = fleet.requests;
    await fleet.turn(20 * S);
    expect(fleet.requests - count).toBeLessThan(10);
    expect(fleet.log.lines.filter((line) => line.includes('has ended'))).toHaveLength(1);
  });
});
