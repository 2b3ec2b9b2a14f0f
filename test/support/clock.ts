import { jest } from '@jest/globals';

/** Takes over timers, dates and the monotonic clock, and leaves alone what real input and output run on. */
export function holdClock(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] });
}

/** Advances the clock and runs everything that becomes due. */
export async function turnClock(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

/** Turns the clock to when the next timer is due. */
export async function turnToNextTimer(): Promise<void> {
  await jest.advanceTimersToNextTimerAsync();
}

/** Advances the clock until the work has settled, and returns its result. */
export async function turnUntilSettled<T>(work: Promise<T>, stepMs = 100): Promise<T> {
  const state = { isSettled: false };
  const settled = work.finally(() => (state.isSettled = true));
  settled.catch(() => undefined);
  while (!state.isSettled) {
    await turnClock(stepMs);
  }
  return settled;
}

export function releaseClock(): void {
  jest.useRealTimers();
}
