import { setImmediate as turnLoop } from 'node:timers';
import { EventQueue, type EventOwner, type Phase, type TimelineEvent } from './event-queue.js';

/** Resolves once no microtask and no `nextTick` is left: the classes under test use no real input and output. */
function quiescence(): Promise<void> {
  return new Promise((resolve) => turnLoop(resolve));
}

/** Virtual time. One event happens at a time, and all that follows from it before the next. */
export class Timeline {
  private readonly queue = new EventQueue();
  /** Virtual ms since the world began. */
  now = 0;
  /** Whose code runs; `undefined` between events and on servers. */
  running: EventOwner | undefined;
  events = 0;

  schedule(at: number, run: () => void, owner?: EventOwner, phase: Phase = 'io'): TimelineEvent {
    const event: TimelineEvent = { at: Math.max(at, this.now), phase, seq: 0, owner, run, isCancelled: false };
    this.queue.push(event);
    return event;
  }

  after(delayMs: number, run: () => void, owner?: EventOwner): TimelineEvent {
    return this.schedule(this.now + delayMs, run, owner);
  }

  /** Lets everything happen up to and including that moment. */
  async runUntil(end: number): Promise<void> {
    await quiescence();
    for (;;) {
      const next = this.queue.first;
      if (next === undefined || next.at > end) {
        break;
      }
      this.queue.pop();
      if (!next.isCancelled && next.owner?.isGone !== true) {
        await this.happen(next);
      }
    }
    this.now = Math.max(this.now, end);
  }

  /** Runs an owner's code from outside, such as a test's step. */
  async enter<T>(owner: EventOwner, code: () => T): Promise<T> {
    this.running = owner;
    try {
      return code();
    } finally {
      await quiescence();
      this.running = undefined;
    }
  }

  private async happen(event: TimelineEvent): Promise<void> {
    const { owner } = event;
    this.now = event.at;
    if (owner !== undefined && owner.heldUntil > event.at) {
      event.at = owner.heldUntil;
      this.queue.push(event);
      return;
    }
    this.events += 1;
    this.running = owner;
    event.run();
    // Servers are synchronous, so that only instances leave work behind.
    if (owner !== undefined) {
      await quiescence();
      this.running = undefined;
    }
  }
}
