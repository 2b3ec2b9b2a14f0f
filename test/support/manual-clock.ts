import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../lib/time/index.js';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** The number of event loop turns after which started work counts as done or waiting. */
const TURNS = 4;

/** A clock that a test advances. */
export class ManualClock implements Clock {
  private time = 1_000_000;
  private readonly timers = new Map<NodeJS.Timeout, Timer>();

  now(): number {
    return this.time;
  }

  wallNow(): number {
    return 1_700_000_000_000 + this.time;
  }

  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout {
    const handle = { unref: () => handle } as NodeJS.Timeout;
    this.timers.set(handle, { dueAt: this.time + delayMs, callback });
    return handle;
  }

  clearTimeout(timer: NodeJS.Timeout | undefined): void {
    if (timer !== undefined) {
      this.timers.delete(timer);
    }
  }

  setImmediate(callback: () => void): void {
    queueMicrotask(callback);
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }

  /** Advances the clock and runs everything that becomes due. */
  async turn(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (let next = this.nextBy(until); next !== undefined; next = this.nextBy(until)) {
      const [handle, { dueAt, callback }] = next;
      this.timers.delete(handle);
      this.time = Math.max(this.time, dueAt);
      callback();
      await settle();
    }
    this.time = until;
    await settle();
  }

  private nextBy(until: number): [NodeJS.Timeout, Timer] | undefined {
    const due = [...this.timers].filter(([, { dueAt }]) => dueAt <= until);
    return due.toSorted(([, a], [, b]) => a.dueAt - b.dueAt)[0];
  }

  /** The clock jumps, as when a process is held up: nothing happens on the way. */
  jump(ms: number): void {
    this.time += ms;
  }
}

/** Lets happen what needs no time. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < TURNS; turns += 1) {
    await setImmediate();
  }
}
