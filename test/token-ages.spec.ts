import { describe, expect, it } from '@jest/globals';
import { ageOf, rescheduleOf, scheduleOf, type TokenAge } from '../lib/token/token-ages.js';

const RULES = { ahead: 0.2, jitter: 0.05, margin: 0.1 };
const ASKED_AT = 1_000_000;
const S = 1_000;
const H = 3_600 * S;

describe('The ages of a token', () => {
  it.each<[string, number, [atMs: number, age: TokenAge][]]>([
    [
      '1 h',
      H,
      [
        [0, 'fresh'],
        [0.8 * H - 1, 'fresh'],
        [0.8 * H, 'stale'],
        [H - 60 * S - 1, 'stale'],
        [H - 60 * S, 'expiring'],
        [H - 1, 'expiring'],
        [H, 'expired'],
      ],
    ],
    [
      '30 s',
      30 * S,
      [
        [24 * S - 1, 'fresh'],
        [24 * S, 'stale'],
        [27 * S, 'expiring'],
        [30 * S, 'expired'],
      ],
    ],
    [
      'less than 1 s, which counts as 1 s',
      0,
      [
        [799, 'fresh'],
        [800, 'stale'],
        [900, 'expiring'],
        [1_000, 'expired'],
      ],
    ],
  ])('that lives %s', (_lifetime, lifetimeMs, ages) => {
    const schedule = scheduleOf({ requestedAt: ASKED_AT, lifetimeMs }, ASKED_AT, RULES, () => 0);
    expect(ages.map(([at]) => [at, ageOf(schedule, ASKED_AT + at)])).toEqual(ages);
  });

  it('begin to be stale up to 5 % of the lifetime earlier, each instance by a draw of its own', () => {
    const staleAt = (draw: number): number =>
      scheduleOf({ requestedAt: 0, lifetimeMs: 100 * S }, 0, RULES, () => draw).staleAt;
    expect([0, 0.5, 1].map(staleAt)).toEqual([80 * S, 77.5 * S, 75 * S]);
  });
});

describe('The same token again', () => {
  const first = scheduleOf({ requestedAt: 0, lifetimeMs: 100 * S }, 0, RULES, () => 0);
  const again = (held: typeof first, now: number, leftS: number): typeof first =>
    rescheduleOf(held, { requestedAt: now, lifetimeMs: leftS * S }, now, RULES);

  it('with more than the margin ahead is simply fresh', () => {
    expect(again(first, 50 * S, 50)).toMatchObject({
      staleAt: 80 * S,
      expiringAt: 90 * S,
      expiresAt: 100 * S,
      repeats: 0,
    });
  });

  it('without it is asked for at half of what is left, at its end, and from there every 250 ms for 2 s', () => {
    const half = again(first, 80 * S, 20);
    expect(half).toMatchObject({ staleAt: 90 * S, expiresAt: 100 * S, usableUntil: 102 * S });
    const atEnd = again(half, half.staleAt, 10);
    expect(atEnd).toMatchObject({ staleAt: 100 * S, usableUntil: 102 * S });
    const past = again(atEnd, 100 * S, 0);
    expect(past).toMatchObject({ staleAt: 100 * S + 250, usableUntil: 102 * S });
    expect(again(past, 101 * S, 0)).toMatchObject({ staleAt: 101 * S + 250, usableUntil: 102 * S });
  });

  it('is asked for at its end by the clock of a server that the first request took a while to reach', () => {
    const atEndAfter = (roundTripMs: number): typeof first => {
      const issued = scheduleOf({ requestedAt: 0, lifetimeMs: 100 * S }, roundTripMs, RULES, () => 0);
      return again(again(issued, 80 * S, 20), 90 * S, 10);
    };
    expect(atEndAfter(80)).toMatchObject({ staleAt: 100 * S + 80, expiresAt: 100 * S });
    expect(atEndAfter(3_000)).toMatchObject({ staleAt: 100 * S + 250 });
    expect(ageOf(atEndAfter(80), 100 * S + 79)).toBe('fresh');
  });

  it('is asked for at another end by the round trip of the answer that told of it', () => {
    const half = again(first, 80 * S, 20);
    const told = rescheduleOf(half, { requestedAt: 90 * S, lifetimeMs: 5 * S }, 90 * S + 80, RULES);
    expect(told).toMatchObject({ staleAt: 95 * S + 80, expiresAt: 95 * S });
  });

  it('is not asked for at half of what is left by an instance that wakes when another has done so', () => {
    expect(again(first, 87 * S, 13)).toMatchObject({ staleAt: 93.5 * S });
    expect(again(first, 88 * S, 12)).toMatchObject({ staleAt: 100 * S });
  });

  it('is served all that while, without calls that wait', () => {
    const half = again(first, 80 * S, 20);
    expect([80, 90, 99, 101].map((at) => ageOf(half, at * S))).toEqual(['fresh', 'stale', 'stale', 'stale']);
    expect(ageOf(half, 102 * S)).toBe('expired');
  });

  it('keeps its end unless the endpoint tells of another one, by more than rounding does', () => {
    expect(again(first, 80 * S, 21).expiresAt).toBe(100 * S);
    expect(again(first, 80 * S, 18.6).expiresAt).toBe(100 * S);
    expect(again(first, 80 * S, 15).expiresAt).toBe(95 * S);
    expect(again(first, 80 * S, 100)).toMatchObject({ expiresAt: 180 * S, staleAt: 160 * S });
  });
});
