import { beforeEach, describe, expect, it } from '@jest/globals';
import { sleepAware, systemClock, type Clock } from '../lib/time/index.js';

const H = 3_600_000;

let awakeMs: number;
let wallMs: number;
let clock: Clock;

beforeEach(() => {
  awakeMs = 1_000;
  wallMs = 1_700_000_000_000;
  clock = sleepAware({ ...systemClock, now: () => awakeMs, wallNow: () => wallMs });
  clock.now();
});

function pass(ms: number, wallPassesMs = ms): number {
  awakeMs += ms;
  wallMs += wallPassesMs;
  return clock.now();
}

describe('A clock that counts sleep', () => {
  it('goes on with the monotonic clock', () => {
    expect([pass(500), pass(H)]).toEqual([1_500, 1_500 + H]);
  });

  it('goes on by the wall clock over a sleep, in which the monotonic one stands still', () => {
    expect(pass(10, 2 * H)).toBe(1_000 + 2 * H);
    expect(pass(500)).toBe(1_500 + 2 * H);
  });

  it.each([
    ['set back', -H],
    ['adjusted by less than 2 s', 1_999],
  ])('takes no notice of a wall clock that is %s', (_how, byMs) => {
    expect(pass(500, 500 + byMs)).toBe(1_500);
    expect(pass(500)).toBe(2_000);
  });

  it('never goes back', () => {
    const times = [0, 2 * H, -3 * H, 100, H, -50].map((byMs) => pass(10, byMs));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('takes notice of a sleep after the wall clock was set back', () => {
    pass(0, -H);
    expect(pass(0, 2 * H)).toBe(1_000 + 2 * H);
  });
});
