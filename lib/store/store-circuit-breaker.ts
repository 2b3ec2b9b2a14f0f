import { ioClock, type Clock } from '../time/index.js';
import { ConnectionClosedError } from './connection-errors.js';
import type { StoreLog } from './store-log.js';
import { reasonOf } from './store-reason.js';
import type { StoreListener } from './store-state.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** How many commands may follow from one another at the end; each has its deadline. */
const MOST_ROUNDS = 8;

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
  readonly log: StoreLog;
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
 * A circuit breaker around the store. After a command that failed, or had no answer within its deadline, nothing is sent
 * but a probe now and then, so that nobody waits for a store that is not there.
 */
export class StoreCircuitBreaker {
  private state: CircuitState = { name: 'closed' };
  private timer: NodeJS.Timeout | undefined;
  /** The application is going down, which is no outage. */
  private isQuiet = false;
  private isStopped = false;
  /** Whether it was told that the store is lost. */
  private isTold = false;
  /** Counts the returns: a command that fails now may have been sent before the last one. */
  private returns = 0;
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly clock: Clock;

  constructor(private readonly options: StoreCircuitBreakerOptions) {
    this.clock = options.clock ?? ioClock;
  }

  get isLost(): boolean {
    return this.state.name !== 'closed';
  }

  /** How long the store has been lost, in ms; `undefined` while it is not. */
  get lostForMs(): number | undefined {
    return this.state.name === 'closed' ? undefined : this.clock.now() - this.state.since;
  }

  /** Sends a command. Never rejects: `undefined` when the store is lost, before or by this. */
  async run<T>(command: () => Promise<T>): Promise<CommandResult<T> | undefined> {
    if (this.isLost || this.isStopped) {
      return undefined;
    }
    const { returns } = this;
    const sent = Promise.resolve().then(command);
    this.underWay.add(sent);
    try {
      return { value: await sent };
    } catch (error) {
      if (returns === this.returns) {
        this.open(error);
      }
      return undefined;
    } finally {
      this.underWay.delete(sent);
    }
  }

  /** Looks whether a lost store is back, unless that was tried within the last second. */
  async reach(): Promise<void> {
    const { state } = this;
    if (state.name === 'half-open') {
      await state.probe;
    } else if (state.name === 'open' && !this.isStopped && this.clock.now() >= state.probedAt + FIRST_PAUSE_MS) {
      await this.halfOpen(state);
    }
  }

  /** Tells nobody of a loss any more: connections are being closed. */
  beQuiet(): void {
    this.isQuiet = true;
  }

  /** Lets what is under way end, with what follows from it; then nothing is sent any more. */
  async stop(): Promise<void> {
    this.beQuiet();
    this.clock.clearTimeout(this.timer);
    for (let round = 0; round < MOST_ROUNDS && this.underWay.size > 0; round += 1) {
      await Promise.allSettled(this.underWay);
      await new Promise<void>((resolve) => this.clock.setImmediate(resolve));
    }
    this.isStopped = true;
  }

  private open(error: unknown): void {
    if (this.isLost) {
      return;
    }
    const now = this.clock.now();
    this.wait({ name: 'open', since: now, probedAt: now, pauseMs: FIRST_PAUSE_MS });
    // The owner of a connection closes it when the application goes down, which may not have come to us yet.
    if (!(error instanceof ConnectionClosedError)) {
      this.tellLost(error);
    }
  }

  private tellLost(error: unknown): void {
    if (this.isTold || this.isQuiet) {
      return;
    }
    this.isTold = true;
    const reason = reasonOf(error);
    this.options.log.lost(reason);
    this.options.listener({ type: 'store-lost', reason });
  }

  private wait(state: OpenState): void {
    this.state = state;
    if (!this.isQuiet) {
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
      await this.options.probe();
    } catch (error) {
      await this.options.onProbeFailed?.().catch(() => undefined);
      const pauseMs = Math.min(from.pauseMs * 2, LONGEST_PAUSE_MS);
      this.wait({ name: 'open', since: from.since, probedAt: this.clock.now(), pauseMs });
      this.tellLost(error);
      return;
    }
    this.close();
  }

  private close(): void {
    this.state = { name: 'closed' };
    this.returns += 1;
    if (this.isTold && !this.isQuiet) {
      this.options.log.back();
      this.options.listener({ type: 'store-back' });
    }
    this.isTold = false;
  }
}
