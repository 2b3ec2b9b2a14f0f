import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Subscription } from 'rxjs';
import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupAuthError } from '../errors/index.js';
import { settleWithin, type Clock } from '../time/index.js';
import type { AuthEvents, QuiqupAuthEvent, TokenMemory, TokenRenewal } from '../token/index.js';

/**
 * A timer stands still while the machine sleeps, and one beyond 2^31 ms would fire after 1 ms. So the refresher wakes
 * this often at least, and works out anew what is due by a clock that counts sleep.
 */
const LONGEST_SLEEP_MS = 60_000;
/** When waking up started nothing, such as while another renewal is under way. */
const SLEEP_AFTER_NOTHING_MS = 1_000;

/** After these the token is due at another time than before. */
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
  /** What the timer is called in the registry. */
  readonly timerName: string;
  readonly clock: Clock;
}

/**
 * Renews the token ahead of time: one timer, set anew after every rotation, whatever caused it. It keeps no process
 * alive.
 */
export class TokenRefresher {
  /** A `#` field: the memory among them holds the token and must not be printed. */
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

  /** Fetches the first token, unless there is one: `'await'` waits for it, and rejects when Quiqup refuses for good. */
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

  /** No timer and no renewal ahead of time any more. */
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
    // A renewal that ends sets the timer anew; this is for the case that there was none.
    this.arm(SLEEP_AFTER_NOTHING_MS);
  }

  private disarm(): void {
    const { registry, timerName, clock } = this.#parts;
    // The registry neither drops a timer that has fired nor takes a second one of the same name.
    if (registry.doesExist('timeout', timerName)) {
      // The registry knows the global timers alone.
      clock.clearTimeout(registry.getTimeout(timerName));
      registry.deleteTimeout(timerName);
    }
  }
}

/** Transient trouble does not stop a boot: the first call may find it over. */
function rethrowIfPermanent(error: unknown): void {
  if (!(error instanceof QuiqupAuthError) || !error.retryable) {
    throw error;
  }
}
