import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fails, issues } from './support/scripted-endpoint.js';
import { outcomeOf, VirtualInstances, type VirtualInstance } from './support/virtual-instances.js';

const S = 1_000;
const H = 3_600 * S;
const MINUTE = 60_000;

let fleet: VirtualInstances;
let startedAt: number;
beforeEach(() => {
  fleet = new VirtualInstances();
  startedAt = fleet.clock.now();
});
afterEach(() => fleet.stop());

const ON = { refresh: { enabled: true } };
const timers = ({ registry }: VirtualInstance): string[] => registry.getTimeouts();

describe('The timer', () => {
  it('renews each token when it is stale, and is one', async () => {
    const one = fleet.start(ON);
    await one.tokens.getAccessToken();
    expect(timers(one)).toEqual(['timer']);
    expect(fleet.clock.pending).toBe(1);
    await fleet.turn(3.9 * H);
    expect(fleet.requestedAfter(startedAt)).toEqual([0, 0.8 * H, 1.6 * H, 2.4 * H, 3.2 * H]);
    expect(fleet.clock.pending).toBe(1);
    expect(one.events.at(-1)).toMatchObject({ type: 'acquired', cause: 'schedule' });
  });

  it('is set anew by whatever token comes, and then no renewal comes before its time', async () => {
    const one = fleet.start(ON);
    await one.tokens.getAccessToken();
    await fleet.turn(0.5 * H);
    await one.tokens.refresh();
    await fleet.turn(0.8 * H - 1);
    expect(fleet.requests).toBe(2);
    await fleet.turn(1);
    expect(fleet.requests).toBe(3);
  });

  it('is set anew by a token of another instance', async () => {
    const [one, two] = [fleet.start(), fleet.start(ON)];
    await one.tokens.getAccessToken();
    await fleet.turn(0.5 * H);
    await two.tokens.getAccessToken();
    await fleet.turn(0.3 * H);
    expect(fleet.requests).toBe(2);
  });

  it('is set anew by the same token with another end', async () => {
    const one = fleet.start(ON);
    fleet.endpoint.next.push(issues('same', 1_000), issues('same', 3_600));
    await one.tokens.getAccessToken();
    await fleet.turn(1);
    await one.tokens.refresh();
    await fleet.turn(0.8 * H - 1);
    expect(fleet.requests).toBe(2);
    await fleet.turn(1);
    expect(fleet.requests).toBe(3);
  });

  it('asks again after the pause of a failure', async () => {
    const one = fleet.start(ON);
    await one.tokens.getAccessToken();
    fleet.endpoint.next.push(fails(503), fails(503));
    await fleet.turn(0.8 * H + 10 * S);
    expect(fleet.requestedAfter(startedAt + 0.8 * H)).toEqual([-0.8 * H, 0, 250, 750]);
  });

  it('asks again though there never was a token', async () => {
    const one = fleet.start(ON);
    fleet.endpoint.next.push(fails(429, '', { 'retry-after': '20' }));
    await outcomeOf(one.tokens.getAccessToken());
    await fleet.turn(20 * S);
    expect(fleet.requests).toBe(2);
    expect(one.tokens.peek()).toBe('token-1');
  });

  it('lets a renewal under way end, and goes on after it', async () => {
    const one = fleet.start(ON);
    fleet.endpoint.next.push(issues('first', 10));
    await one.tokens.getAccessToken();
    await fleet.turn(7.9 * S);
    fleet.endpoint.always = { ...issues('slow', 10), afterMs: 3 * S };
    void one.tokens.refresh();
    await fleet.turn(2.9 * S);
    expect(fleet.requests).toBe(2);
    // Looked at once a second meanwhile, and not all the time.
    expect(fleet.clock.pending).toBeLessThan(5);
    await fleet.turn(0.2 * S);
    expect(one.tokens.peek()).toBe('slow');
    await fleet.turn(5 * S);
    expect(fleet.requests).toBe(3);
  });

  it('that fires a little early does nothing, and is set anew', async () => {
    const one = fleet.start(ON);
    await one.tokens.getAccessToken();
    const dueIn = 0.8 * H;
    const now = fleet.clock.now.bind(fleet.clock);
    await fleet.turn(dueIn - 1);
    fleet.clock.now = () => now() - 2;
    await fleet.turn(1);
    expect(fleet.requests).toBe(1);
    await fleet.turn(2);
    expect(fleet.requests).toBe(2);
    fleet.clock.now = now;
  });

  it('wakes once a minute at the least, for a timer stands still in sleep and cannot be set for years', async () => {
    const delays: number[] = [];
    const set = fleet.clock.setTimeout.bind(fleet.clock);
    fleet.clock.setTimeout = (callback, delayMs) => {
      delays.push(delayMs);
      return set(callback, delayMs);
    };
    const one = fleet.start(ON);
    fleet.endpoint.next.push(issues('for-years', 3e8));
    await one.tokens.getAccessToken();
    await fleet.turn(3 * MINUTE);
    expect(fleet.requests).toBe(1);
    expect(delays.filter((delay) => delay === MINUTE)).toHaveLength(4);
    expect(Math.max(...delays)).toBe(MINUTE);
  });

  it('keeps no process alive, and is set to whole milliseconds', async () => {
    let unreferenced = 0;
    const delays: number[] = [];
    const set = fleet.clock.setTimeout.bind(fleet.clock);
    fleet.clock.setTimeout = (callback, delayMs) => {
      const timer = set(callback, delayMs);
      const unref = timer.unref.bind(timer);
      timer.unref = () => {
        unreferenced += 1;
        delays.push(delayMs);
        return unref();
      };
      return timer;
    };
    const one = fleet.start({ ...ON, draw: () => 1 / 3 });
    await one.tokens.getAccessToken();
    expect(unreferenced).toBe(1);
    expect(delays.every((delay) => Number.isInteger(delay))).toBe(true);
  });

  it('is none when it is switched off', async () => {
    const one = fleet.start();
    await one.tokens.getAccessToken();
    expect(timers(one)).toEqual([]);
    await fleet.turn(2 * H);
    expect(fleet.requests).toBe(1);
  });

  it('is none any more once it is stopped, and no event brings it back', async () => {
    const one = fleet.start(ON);
    await one.tokens.getAccessToken();
    one.refresher.stop();
    expect(timers(one)).toEqual([]);
    await one.tokens.refresh();
    expect(timers(one)).toEqual([]);
    await fleet.turn(0.9 * H);
    expect(one.tokens.peek()).toBe('token-2');
    expect(fleet.requests).toBe(2);
    one.refresher.stop();
  });

  it('is not touched by what concerns calls alone', async () => {
    const one = fleet.start(ON);
    await one.tokens.getAccessToken();
    const [name = ''] = timers(one);
    const timer: unknown = one.registry.getTimeout(name);
    await one.tokens.reject('another');
    expect(one.events.at(-1)).toMatchObject({ type: 'rejected' });
    expect(one.registry.getTimeout(name)).toBe(timer);
  });
});

describe('Warming up', () => {
  it('fetches the first token in the background, and does not wait', async () => {
    const one = fleet.start();
    fleet.endpoint.always = { ...issues('first'), afterMs: S };
    await one.refresher.warmUp('background');
    expect(one.tokens.peek()).toBeUndefined();
    await fleet.turn(S);
    expect(one.tokens.peek()).toBe('first');
    expect(one.events.at(-1)).toMatchObject({ type: 'acquired', cause: 'warm-up' });
  });

  it('waits for it where it should', async () => {
    const one = fleet.start();
    await one.refresher.warmUp('await');
    expect(one.tokens.peek()).toBe('token-1');
  });

  it('fetches none where it should not, or where there is one', async () => {
    const one = fleet.start();
    await one.refresher.warmUp('off');
    await fleet.turn(S);
    expect(fleet.requests).toBe(0);
    await one.tokens.getAccessToken();
    await one.refresher.warmUp('await');
    await one.refresher.warmUp('background');
    expect(fleet.requests).toBe(1);
  });

  it.each(['await', 'background'] as const)('rejects when Quiqup refuses for good, if it waits (%s)', async (mode) => {
    const one = fleet.start();
    fleet.endpoint.always = fails(401);
    expect(await outcomeOf(one.refresher.warmUp(mode))).toBe(
      mode === 'await' ? 'QUIQUP_CREDENTIALS_REFUSED' : undefined,
    );
  });

  it('rejects with what is no error of ours', async () => {
    const one = fleet.start();
    const unforeseen = new Error('unforeseen');
    one.renewal.renew = () => Promise.reject(unforeseen);
    expect(await outcomeOf(one.refresher.warmUp('await'))).toBe('unforeseen');
  });

  it('goes on without a token after passing trouble', async () => {
    const one = fleet.start();
    fleet.endpoint.always = fails(503);
    const warm = outcomeOf(one.refresher.warmUp('await'));
    await fleet.turn(S);
    expect(await warm).toBeUndefined();
    expect(fleet.requests).toBe(3);
  });

  it('waits no longer than a call would', async () => {
    const one = fleet.start();
    fleet.endpoint.always = { ...fails(503), afterMs: 4_900 };
    let isWarm = false;
    const warm = one.refresher.warmUp('await').then(() => (isWarm = true));
    await fleet.turn(9_999);
    expect(isWarm).toBe(false);
    await fleet.turn(1);
    expect(isWarm).toBe(true);
    await warm;
  });
});
