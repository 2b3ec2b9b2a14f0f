import { jest } from '@jest/globals';

/** Takes over timers, dates and the monotonic clock, and leaves alone what real input and output run on. */
export function holdClock(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] });
}

/** Turns the clock, with what is due on the way. */
export async function turnClock(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

/** Turns the clock to when the next timer is due. */
export async function turnToNextTimer(): Promise<void> {
  await jest.advanceTimersToNextTimerAsync();
}

export function releaseClock(): void {
  jest.useRealTimers();
}
