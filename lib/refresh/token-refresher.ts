import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Subscription } from 'rxjs';
import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupAuthError } from '../errors/index.js';
import { settleWithin, type Clock } from '../time/index.js';
import type { AuthEvents, QuiqupAuthEvent, TokenMemory, TokenRenewal } from '../token/index.js';

/**
 * A timer stops while the machine sleeps, and one above 2^31 ms would fire after 1 ms. So the refresher wakes
 * at least this often, and calculates the due time again by a clock that counts sleep.
 */
const LONGEST_SLEEP_MS = 60_000;
/** The pause if the timer fired and started nothing, as during another renewal. */
const SLEEP_AFTER_NOTHING_MS = 1_000;

/** The events after which the token's due time has changed. */
const REARMED_BY: ReadonlySet<QuiqupAuthEvent['type']> = new Set([
  'acquired',
  'adopted',
  'reused',
  'renewal-failed',
  'store-lost',
  'store-back',
]);

export interface RefresherParts {
  readonly config: Pick<QuiqupSharedConfig, 'refresh' | 'timeouts'>;
  readonly memory: TokenMemory;
  readonly renewal: TokenRenewal;
  readonly events: AuthEvents;
  readonly registry: SchedulerRegistry;
  /** The timer's name in the registry. */
  readonly timerName: string;
  readonly clock: Clock;
}

/**
 * Renews the token ahead of time: one timer, set again after every rotation. It keeps no process
 * alive.
 */
export class TokenRefresher {
  /** A `#` field: the memory in it holds the token and must not be printed. */
  readonly #parts: RefresherParts;
  private readonly subscription: Subscription;

  constructor(parts: RefresherParts) {
    this.#parts = parts;
    const { config, renewal, events } = parts;
    this.subscription = events.events$.subscribe(({ type }) => {
      if (config.refresh.enabled && REARMED_BY.has(type)) {
        this.arm();
      }
      if (type === 'store-back') {
        void renewal.republish();
      }
    });
  }

  /** Gets the first token, unless there is one. `'await'` waits for it, and rejects after a permanent refusal. */
  async warmUp(mode: 'background' | 'await' | 'off'): Promise<void> {
    const { memory, renewal, config, clock } = this.#parts;
    if (mode === 'off' || memory.held !== undefined) {
      return;
    }
    const first = renewal.renew('warm-up');
    if (mode === 'await') {
      const limits = { limitMs: config.timeouts.wait, atLimit: () => undefined, clock };
      await settleWithin<unknown>(first, limits).catch(rethrowIfPermanent);
    }
  }

  /** Stops the timer and all renewals ahead of time. */
  stop(): void {
    this.subscription.unsubscribe();
    this.disarm();
    this.#parts.renewal.stopAhead();
  }

  private arm(shortestMs = 0): void {
    this.disarm();
    const { renewal, registry, timerName, clock } = this.#parts;
    const untilDueMs = Math.ceil(renewal.dueAt - clock.now());
    const timer = clock.setTimeout(() => this.wake(), Math.min(Math.max(untilDueMs, shortestMs), LONGEST_SLEEP_MS));
    timer.unref();
    registry.addTimeout(timerName, timer);
  }

  private wake(): void {
    const { renewal, clock } = this.#parts;
    // Node's timers may fire up to a millisecond early by the monotonic clock.
    if (clock.now() < renewal.dueAt) {
      this.arm();
      return;
    }
    renewal.renewAhead();
    // A renewal sets the timer when it ends. This is for the case without a renewal.
    this.arm(SLEEP_AFTER_NOTHING_MS);
  }

  private disarm(): void {
    const { registry, timerName, clock } = this.#parts;
    // The registry keeps a timer that has fired, and refuses a second one of the same name.
    if (registry.doesExist('timeout', timerName)) {
      // The registry supports the global timers only.
      clock.clearTimeout(registry.getTimeout(timerName));
      registry.deleteTimeout(timerName);
    }
  }
}

/** A transient failure does not stop the boot: it may be over at the first call. */
function rethrowIfPermanent(error: unknown): void {
  if (!(error instanceof QuiqupAuthError) || !error.retryable) {
    throw error;
  }
}
