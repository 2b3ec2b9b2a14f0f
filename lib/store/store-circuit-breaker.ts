import { ioClock, type Clock } from '../time/index.js';
import { ConnectionClosedError } from './connection-errors.js';
import type { StoreLog } from './store-log.js';
import { reasonOf } from './store-reason.js';
import type { StoreListener } from './store-state.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** How many commands may follow from one another at the end. Each has a time limit. */
const MOST_ROUNDS = 8;

/** Times in monotonic ms. */
type CircuitState =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly since: number; readonly probedAt: number; readonly pauseMs: number }
  | { readonly name: 'half-open'; readonly since: number; readonly probe: Promise<void> };

type OpenState = Extract<CircuitState, { name: 'open' }>;

/** The result of a command. */
export interface CommandResult<T> {
  readonly value: T;
}

export interface StoreCircuitBreakerOptions {
  readonly log: StoreLog;
  /** Receives the loss and the return of the store. */
  readonly listener: StoreListener;
  /** Tries every kind of command; rejects if any fails. */
  readonly probe: () => Promise<void>;
  /** Called after a failed probe. */
  readonly onProbeFailed?: (() => Promise<void>) | undefined;
  /** Default: the clock of real I/O, which an application's fake timers do not change. */
  readonly clock?: Clock | undefined;
}

/**
 * A circuit breaker around the store. After a command that failed or timed out, only a probe is sent
 * now and then, so that no call waits for a store that is not there.
 */
export class StoreCircuitBreaker {
  private state: CircuitState = { name: 'closed' };
  private timer: NodeJS.Timeout | undefined;
  /** The application shuts down, which is no outage. */
  private isQuiet = false;
  private isStopped = false;
  /** Whether the loss was reported. */
  private isTold = false;
  /** Counts the returns of the store: a command that fails now may have been sent before the last return. */
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

  /** Sends a command. Never rejects: returns `undefined` if the store is lost, before or by this command. */
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

  /** Probes whether a lost store is back, unless a probe ran within the last second. */
  async reach(): Promise<void> {
    const { state } = this;
    if (state.name === 'half-open') {
      await state.probe;
    } else if (state.name === 'open' && !this.isStopped && this.clock.now() >= state.probedAt + FIRST_PAUSE_MS) {
      await this.halfOpen(state);
    }
  }

  /** Reports no loss any more, because connections are being closed. */
  beQuiet(): void {
    this.isQuiet = true;
  }

  /** Waits for running commands and their follow-ups. Then nothing is sent any more. */
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
    // An owner closes its connection at shutdown, perhaps before the shutdown hook of this package runs.
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
