import { performance as ioPerformance } from 'node:perf_hooks';
import * as ioTimers from 'node:timers';

/** The clocks and timers of one instance. Injected, so that a simulation can run the classes on virtual time. */
export interface Clock {
  /** Monotonic time in ms, including sleep of the machine. Ages and durations use it. */
  now(): number;
  /** Wall-clock time in epoch ms. People and other machines share it, and it can be set. */
  wallNow(): number;
  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout | undefined): void;
  setImmediate(callback: () => void): void;
}

/** Adjustments of the wall clock are smaller. If it runs further ahead, the machine has slept. */
const LARGEST_ADJUSTMENT_MS = 2_000;

/**
 * A clock whose monotonic time includes sleep of the machine, during which Node's clock stops: it advances by
 * the larger of monotonic and wall-clock progress. A wall clock that is set back changes nothing. One that is set
 * forward looks like sleep. All classes of one instance must share one clock, so that their times are comparable.
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

/** The global timers, looked up at each call because an application's tests may replace them. */
export const systemClock: Clock = sleepAware({
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
  setImmediate: (callback) => void setImmediate(callback),
});

/** For limits of real I/O, which an application's fake timers must not stop or hurry. */
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
