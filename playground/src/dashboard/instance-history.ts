import type { Instance } from '../instances/instance.js';
import type { CallMark, InstanceEvent, InstanceStatus, Observation } from '../instances/observation.js';
import type { Counters, InstanceFrame } from './frame.js';

const UNSEEN: InstanceStatus = { health: 'down', reason: 'no-token-yet', isStoreLost: false };

/** The recent calls and events of one instance. */
export class InstanceHistory {
  private calls: CallMark[] = [];
  private events: InstanceEvent[] = [];
  private newCalls: CallMark[] = [];
  private newEvents: InstanceEvent[] = [];
  private status = UNSEEN;
  private readonly counters: { -readonly [K in keyof Counters]: Counters[K] } = {
    calls: 0,
    lastMile: 0,
    recovered: 0,
    failed: 0,
    tokenRequests: 0,
  };

  constructor(private readonly instance: Instance) {}

  add({ calls, events, status }: Observation): void {
    this.newCalls.push(...calls);
    this.newEvents.push(...events);
    this.status = status;
    this.counters.calls += calls.length;
    this.counters.lastMile += calls.filter(([, , , api]) => api === 'last-mile').length;
    this.counters.recovered += calls.filter(([, , outcome]) => outcome === 'recovered').length;
    this.counters.failed += calls.filter(([, , outcome]) => outcome === 'failed').length;
    this.counters.tokenRequests += events.filter(({ type }) => type === 'token-request').length;
  }

  /** Everything new since the last call. */
  takeNews(): InstanceFrame {
    const news = this.frame(this.newCalls, this.newEvents);
    this.calls.push(...this.newCalls);
    this.events.push(...this.newEvents);
    this.newCalls = [];
    this.newEvents = [];
    return news;
  }

  /** Everything in memory except the new part. */
  whole(): InstanceFrame {
    return this.frame(this.calls, this.events);
  }

  /** @param before in epoch ms */
  forget(before: number): void {
    this.calls = this.calls.filter(([at]) => at >= before);
    // The token that was held then may still be.
    const held = this.events.findLast(({ type, at }) => type === 'token' && at < before);
    this.events = this.events.filter((event) => event.at >= before || event === held);
  }

  private frame(calls: readonly CallMark[], events: readonly InstanceEvent[]): InstanceFrame {
    const { id, pid, isRemovable } = this.instance;
    return { id, pid, isRemovable, counters: { ...this.counters }, status: this.status, calls, events };
  }
}
