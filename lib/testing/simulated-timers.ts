/** `setTimeout` fires after 1 ms for a longer delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Timers that can be cleared all at once. */
export class SimulatedTimers {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Calls back in `ms`: at once for 0, never for `Infinity`. */
  after(ms: number, then: () => void): void {
    if (ms <= 0) {
      then();
    } else if (ms <= LONGEST_TIMER_MS) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        then();
      }, ms);
      this.#timers.add(timer);
    }
  }

  clear(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
  }
}
