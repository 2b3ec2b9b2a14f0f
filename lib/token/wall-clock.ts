/** The date that a time of the monotonic clock falls on, for people and other machines. */
export function wallClock(monotonicMs: number): Date {
  return new Date(Date.now() + monotonicMs - performance.now());
}
