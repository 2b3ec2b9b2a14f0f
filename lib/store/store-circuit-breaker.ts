import { ioClock, withDeadline, type Clock } from '../time/index.js';
import { storeLog } from './store-log.js';
import type { StoreListener } from './store-state.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/** Times in monotonic ms. */
type CircuitState =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly since: number; readonly probedAt: number; readonly pauseMs: number }
  | { readonly name: 'half-open'; readonly since: number; readonly probe: Promise<void> };

type OpenState = Extract<CircuitState, { name: 'open' }>;

/** What a command brought. */
export interface CommandResult<T> {
  readonly value: T;
}

export interface StoreCircuitBreakerOptions {
  /** Deadline of one command, in ms. */
  readonly timeoutMs: number;
  /** Is told when the store goes and when it comes back. */
  readonly listener: StoreListener;
  /** Tries everything that the store is used for; rejects when any of it fails. */
  readonly probe: () => Promise<void>;
  /** Called when a probe failed. */
  readonly onProbeFailed?: (() => Promise<void>) | undefined;
  /** Default that of real input and output, also where an application's tests turn the clock. */
  readonly clock?: Clock | undefined;
}

/**
 * A circuit breaker around the store. Every command has a deadline; after one that failed nothing is sent but a probe
 * now and then, so that nobody waits for a store that is not there.
 */
export class StoreCircuitBreaker {
  private state: CircuitState = { name: 'closed' };
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  /** Counts the returns: a command that fails now may have been sent before the last one. */
  private returns = 0;
  private readonly clock: Clock;

  constructor(private readonly options: StoreCircuitBreakerOptions) {
    this.clock = options.clock ?? ioClock;
  }

  get isLost(): boolean {
    return this.state.name !== 'closed';
  }

  /** Since when the store is lost, in monotonic ms. */
  get lostSince(): number | undefined {
    return this.state.name === 'closed' ? undefined : this.state.since;
  }

  /**
   * Sends a command. Never rejects: `undefined` when the store is lost, before or by this.
   *
   * @param onLost called when it was sent and no answer came in time or at all
   */
  async run<T>(command: () => Promise<T>, onLost?: () => void): Promise<CommandResult<T> | undefined> {
    if (this.isLost) {
      return undefined;
    }
    const { returns } = this;
    try {
      return { value: await this.inTime(command) };
    } catch (error) {
      onLost?.();
      if (returns === this.returns) {
        this.open(error);
      }
      return undefined;
    }
  }

  /** Looks whether a lost store is back, unless that was tried within the last second. */
  async reach(): Promise<void> {
    const { state } = this;
    if (state.name === 'half-open') {
      await state.probe;
    } else if (state.name === 'open' && this.clock.now() >= state.probedAt + FIRST_PAUSE_MS) {
      await this.halfOpen(state);
    }
  }

  /** Sends no probe any more. */
  stop(): void {
    this.isStopped = true;
    this.clock.clearTimeout(this.timer);
  }

  private inTime<T>(command: () => Promise<T>): Promise<T> {
    return withDeadline(Promise.resolve().then(command), this.options.timeoutMs, this.clock);
  }

  private open(error: unknown): void {
    if (this.isLost) {
      return;
    }
    const now = this.clock.now();
    const reason = error instanceof Error ? error.message : 'unknown error';
    this.wait({ name: 'open', since: now, probedAt: now, pauseMs: FIRST_PAUSE_MS });
    storeLog.lost(reason);
    this.options.listener({ type: 'store-lost', reason });
  }

  private wait(state: OpenState): void {
    this.state = state;
    if (!this.isStopped) {
      this.timer = this.clock.setTimeout(() => void this.halfOpen(state), state.pauseMs);
      this.timer.unref();
    }
  }

  private halfOpen(from: OpenState): Promise<void> {
    this.clock.clearTimeout(this.timer);
    const probe = this.probe(from);
    this.state = { name: 'half-open', since: from.since, probe };
    return probe;
  }

  private async probe(from: OpenState): Promise<void> {
    try {
      await this.inTime(this.options.probe);
    } catch {
      await this.options.onProbeFailed?.().catch(() => undefined);
      const pauseMs = Math.min(from.pauseMs * 2, LONGEST_PAUSE_MS);
      this.wait({ name: 'open', since: from.since, probedAt: this.clock.now(), pauseMs });
      return;
    }
    this.close();
  }

  private close(): void {
    this.state = { name: 'closed' };
    this.returns += 1;
    storeLog.back();
    this.options.listener({ type: 'store-back' });
  }
}
