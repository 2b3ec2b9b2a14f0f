import { performance as ioPerformance } from 'node:perf_hooks';
import * as ioTimers from 'node:timers';

/** The clocks and timers of one instance. Injected, so that a simulation can run the classes on virtual time. */
export interface Clock {
  /** Monotonic time in ms, sleep of the machine included: ages and durations are measured by it. */
  now(): number;
  /** Wall-clock time in epoch ms, which people and other machines share, and which can be set. */
  wallNow(): number;
  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout | undefined): void;
  setImmediate(callback: () => void): void;
}

/** The wall clock is adjusted by less than this; when it runs further ahead, the machine has slept. */
const LARGEST_ADJUSTMENT_MS = 2_000;

/**
 * A clock whose monotonic time counts the sleep of the machine as well, during which Node's stands still: it goes on by
 * the larger of monotonic and wall-clock progress. A wall clock that is set back changes nothing; one that is set
 * forward looks like sleep. All classes of one instance must share one, for their times to be comparable.
 */
export function sleepAware(base: Clock): Clock {
  let aheadMs: number | undefined;
  let sleptMs = 0;
  const now = (): number => {
    const awakeMs = base.now();
    const isAheadMs = base.wallNow() - awakeMs;
    aheadMs ??= isAheadMs;
    if (isAheadMs - aheadMs > LARGEST_ADJUSTMENT_MS) {
      sleptMs += isAheadMs - aheadMs;
      aheadMs = isAheadMs;
    } else if (isAheadMs < aheadMs) {
      aheadMs = isAheadMs;
    }
    return awakeMs + sleptMs;
  };
  return { ...base, now };
}

/** The globals, looked up with each call, for an application's tests may replace them. */
export const systemClock: Clock = sleepAware({
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
  setImmediate: (callback) => void setImmediate(callback),
});

/** For limits of real input and output, which the fake timers of an application's tests must not stop or hurry. */
export const ioClock: Clock = {
  now: () => ioPerformance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, delayMs) => ioTimers.setTimeout(callback, delayMs),
  clearTimeout: (timer) => ioTimers.clearTimeout(timer),
  setImmediate: (callback) => void ioTimers.setImmediate(callback),
};

/** The date of a monotonic time, for people and other machines. */
export function dateAt(clock: Clock, monotonicMs: number): Date {
  return new Date(clock.wallNow() + monotonicMs - clock.now());
}
