import type { Clock } from '../../lib/time/index.js';

interface HandTimer {
  readonly dueAt: number;
  readonly callback: () => void;
  keepsProcess: boolean;
  unref(): HandTimer;
}

/** In one turn of the clock. */
const MOST_TIMERS = 200;

/** A clock for classes that take one: it moves when the test turns it, and touches no global. */
export class HandClock implements Clock {
  private time = 5_000;
  private readonly timers = new Set<HandTimer>();
  private immediates: (() => void)[] = [];
  /** How far the wall clock is from the monotonic one. */
  wallOffset = Date.UTC(2026, 0, 1);

  now(): number {
    return this.time;
  }

  wallNow(): number {
    return this.time + this.wallOffset;
  }

  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout {
    const timer: HandTimer = {
      dueAt: this.time + delayMs,
      callback,
      keepsProcess: true,
      unref() {
        timer.keepsProcess = false;
        return timer;
      },
    };
    this.timers.add(timer);
    return timer as unknown as NodeJS.Timeout;
  }

  clearTimeout(timer: NodeJS.Timeout | undefined): void {
    this.timers.delete(timer as unknown as HandTimer);
  }

  setImmediate(callback: () => void): void {
    this.immediates.push(callback);
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }

  /** How many of them would keep a process alive. */
  get keepingProcess(): number {
    return [...this.timers].filter(({ keepsProcess }) => keepsProcess).length;
  }

  /** Advances without a turn of the loop: runs everything that is due, but nothing that this queues. */
  jump(ms: number): void {
    const end = this.time + ms;
    for (let next = this.dueBy(end); next !== undefined; next = this.dueBy(end)) {
      this.fire(next);
    }
    this.time = end;
  }

  /** One turn of the event loop. Work that it queues runs in the next turn. */
  turnLoop(): void {
    this.immediates.splice(0).forEach((callback) => callback());
  }

  /** Moves on as time does: after each timer that is due, all that it leads to happens at that time. */
  async turn(ms: number): Promise<void> {
    const end = this.time + ms;
    await this.settle();
    let fired = 0;
    for (let next = this.dueBy(end); next !== undefined; next = this.dueBy(end)) {
      fired += 1;
      if (fired > MOST_TIMERS) {
        throw new Error('The timers follow one another without end.');
      }
      this.fire(next);
      await this.settle();
    }
    this.time = end;
  }

  /** Moves on to when the next timer is due. */
  async turnToNextTimer(): Promise<void> {
    const next = this.dueBy(Infinity);
    await this.turn(next === undefined ? 0 : next.dueAt - this.time);
  }

  private fire(timer: HandTimer): void {
    this.timers.delete(timer);
    this.time = timer.dueAt;
    timer.callback();
  }

  private dueBy(end: number): HandTimer | undefined {
    const due = [...this.timers].filter(({ dueAt }) => dueAt <= end);
    return due.toSorted((one, other) => one.dueAt - other.dueAt)[0];
  }

  private async settle(): Promise<void> {
    do {
      this.turnLoop();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.immediates.length > 0);
  }
}
