import { describe, expect, it } from '@jest/globals';
import { retryAt } from '../lib/token/backoff.js';

const S = 1_000;

const pause = (
  failed: { attempt: number; retryable?: boolean; retryAfterMs?: number; draw?: number },
  hasUsableToken: boolean,
): number => retryAt({ failedAt: 0, retryable: true, retryAfterMs: undefined, draw: 1, ...failed }, hasUsableToken);

describe('The pause after a failure', () => {
  it.each([
    [true, [0.5, 1, 2, 4, 8, 16, 32, 60, 60]],
    [false, [0.5, 1, 2, 4, 5, 5, 5, 5, 5]],
  ])('doubles (with a usable token: %s)', (hasUsableToken, seconds) => {
    expect(seconds.map((_pause, index) => pause({ attempt: index + 1 }, hasUsableToken) / S)).toEqual(seconds);
  });

  it('is half fixed and half drawn', () => {
    expect([0, 0.5, 1].map((draw) => pause({ attempt: 2, draw }, true))).toEqual([500, 750, 1_000]);
  });

  it('is not below Retry-After, as far as that is bearable', () => {
    expect(pause({ attempt: 1, retryAfterMs: 7 * S }, true)).toBe(7 * S);
    expect(pause({ attempt: 5, retryAfterMs: 1 * S }, true)).toBe(8 * S);
    expect(pause({ attempt: 1, retryAfterMs: 3_600 * S }, true)).toBe(60 * S);
  });

  it('after a lasting failure is 30 s, doubling to 5 min', () => {
    const seconds = [30, 60, 120, 240, 300, 300];
    expect(seconds.map((_pause, index) => pause({ attempt: index + 1, retryable: false }, true) / S)).toEqual(seconds);
  });
});
