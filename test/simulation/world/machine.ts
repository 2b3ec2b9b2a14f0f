import { sleepAware, type Clock } from '../../../lib/time/index.js';
import type { EventOwner, TimelineEvent } from './event-queue.js';
import type { Timeline } from './timeline.js';

/** The real time at which every world begins, in epoch ms. */
export const EPOCH_MS = Date.UTC(2026, 10, 1);
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface MachineClocks {
  /** How far its wall clock is ahead of real time, in ms. */
  readonly wallOffsetMs: number;
  /** How fast both of its clocks run: 1 is right. */
  readonly rate: number;
}

/** The used part of a Node timer. */
class VirtualTimer {
  event: TimelineEvent | undefined;

  constructor(readonly machine: Machine) {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** Whether `timer` is virtual, and cleared by this. */
export function clearVirtualTimer(timer: unknown): boolean {
  if (!(timer instanceof VirtualTimer)) {
    return false;
  }
  timer.machine.drop(timer);
  return true;
}

/** The computer of one instance: its clocks, its timers, and whether it runs at all. */
export class Machine implements EventOwner {
  isGone = false;
  heldUntil = 0;
  /** When it was held up: asleep or frozen, in virtual ms. */
  readonly holds: { readonly from: number; readonly to: number }[] = [];
  private sleptMs = 0;
  private wallShiftMs: number;
  private readonly timers = new Set<VirtualTimer>();
  mostTimers = 0;
  readonly clock: Clock;

  constructor(
    readonly name: string,
    private readonly timeline: Timeline,
    private readonly clocks: MachineClocks,
  ) {
    this.wallShiftMs = clocks.wallOffsetMs;
    this.clock = sleepAware({
      now: () => this.monotonicNow,
      wallNow: () => this.wallNow,
      setTimeout: (callback, delayMs) => this.setTimer(callback, delayMs),
      clearTimeout: (timer) => void clearVirtualTimer(timer),
      setImmediate: (callback) => void timeline.schedule(timeline.now, callback, this, 'immediates'),
    });
  }

  /** It stands still while the machine sleeps. */
  get monotonicNow(): number {
    return 1_000 + (this.timeline.now - this.sleptMs) * this.clocks.rate;
  }

  /** It goes on while the machine sleeps, and can be set. */
  get wallNow(): number {
    return Math.floor(EPOCH_MS + this.timeline.now * this.clocks.rate + this.wallShiftMs);
  }

  get openTimers(): number {
    return this.timers.size;
  }

  setWallClock(byMs: number): void {
    this.wallShiftMs += byMs;
  }

  /** As with a lid that is closed: nothing runs, and the monotonic clock stands still. */
  sleep(ms: number): void {
    this.hold(ms);
    this.sleptMs += ms;
  }

  /** As with a paused process: nothing runs, and both clocks go on. */
  freeze(ms: number): void {
    this.hold(ms);
  }

  wasHeld(from: number, to: number): boolean {
    return this.holds.some((hold) => hold.from <= to && hold.to >= from);
  }

  /** Nothing of it runs any more. */
  kill(): void {
    this.isGone = true;
    this.timers.clear();
  }

  drop(timer: VirtualTimer): void {
    this.timers.delete(timer);
    if (timer.event !== undefined) {
      timer.event.isCancelled = true;
    }
  }

  private hold(ms: number): void {
    const { now } = this.timeline;
    this.heldUntil = now + ms;
    this.holds.push({ from: now, to: this.heldUntil });
  }

  /** As Node does it: whole milliseconds, cut off, and 1 ms for what a timer cannot hold. */
  private setTimer(callback: () => void, delayMs: number): NodeJS.Timeout {
    const wholeMs = Math.trunc(delayMs);
    const dueAt = this.monotonicNow + (wholeMs >= 1 && wholeMs <= LONGEST_TIMER_MS ? wholeMs : 1);
    const timer = new VirtualTimer(this);
    this.timers.add(timer);
    this.mostTimers = Math.max(this.mostTimers, this.timers.size);
    this.wait(timer, dueAt, callback);
    return timer as unknown as NodeJS.Timeout;
  }

  private wait(timer: VirtualTimer, dueAt: number, callback: () => void): void {
    const leftMs = (dueAt - this.monotonicNow) / this.clocks.rate;
    const fire = (): void => {
      // It slept meanwhile: a little is left.
      if (this.monotonicNow < dueAt - 0.001) {
        this.wait(timer, dueAt, callback);
        return;
      }
      this.timers.delete(timer);
      callback();
    };
    timer.event = this.timeline.schedule(this.timeline.now + leftMs, fire, this, 'timers');
  }
}
