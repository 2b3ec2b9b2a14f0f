import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Subscription } from 'rxjs';
import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupAuthError } from '../errors/index.js';
import { settleWithin, type AuthEvents, type QuiqupAuthEvent, type TokenRenewal } from '../token/index.js';

/**
 * Also the answer to a suspended machine and to lifetimes beyond 2^31 ms, which a timer takes for 1 ms: on waking, what is
 * due is worked out anew.
 */
const LONGEST_SLEEP_MS = 60 * 60 * 1_000;
/** When nothing came of waking up, such as while another renewal is under way. */
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

/**
 * Renews the token ahead of time: one timer, set anew after every rotation, whoever caused it. It follows the
 * application's life: the first token on bootstrap, no timer once it is being destroyed, no connection once it is
 * shut down.
 */
export class TokenRefresher implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private subscription: Subscription | undefined;

  /**
   * @param timerName what the timer is called in the registry
   */
  constructor(
    private readonly config: Pick<QuiqupAuthConfig, 'refresh' | 'timeouts'> & Partial<Pick<QuiqupAuthConfig, 'warmUp'>>,
    private readonly renewal: TokenRenewal,
    private readonly events: AuthEvents,
    private readonly registry: SchedulerRegistry,
    private readonly timerName: string,
  ) {}

  onModuleInit(): void {
    this.subscription ??= this.events.events$.subscribe(({ type }) => {
      if (this.config.refresh.enabled && REARMED_BY.has(type)) {
        this.arm();
      }
      if (type === 'store-back') {
        void this.renewal.reunite();
      }
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { warmUp = 'off', timeouts } = this.config;
    if (warmUp === 'off' || this.renewal.current !== undefined) {
      return;
    }
    const first = this.renewal.renew('warm-up');
    if (warmUp === 'await') {
      await settleWithin<unknown>(first, { limitMs: timeouts.wait, atLimit: () => undefined }).catch(rethrowIfLasting);
    }
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    this.disarm();
    this.renewal.stopAhead();
  }

  /** Not earlier: until now the HTTP server has been answering the last requests, and they may need a token. */
  async onApplicationShutdown(): Promise<void> {
    await this.renewal.close();
  }

  private arm(shortestMs = 0): void {
    this.disarm();
    const untilDueMs = Math.ceil(this.renewal.dueAt - performance.now());
    const timer = setTimeout(() => this.wake(), Math.min(Math.max(untilDueMs, shortestMs), LONGEST_SLEEP_MS));
    timer.unref();
    this.registry.addTimeout(this.timerName, timer);
  }

  private wake(): void {
    // Node's timers may fire up to a millisecond early by the monotonic clock.
    if (performance.now() < this.renewal.dueAt) {
      this.arm();
      return;
    }
    this.renewal.renewAhead();
    // A renewal that ends sets the timer anew; this is for the case that there was none.
    this.arm(SLEEP_AFTER_NOTHING_MS);
  }

  private disarm(): void {
    // The registry neither drops a timer that has fired nor takes a second one of the same name.
    if (this.registry.doesExist('timeout', this.timerName)) {
      this.registry.deleteTimeout(this.timerName);
    }
  }
}

/** Passing trouble does not stop a boot: the first call may find it over. */
function rethrowIfLasting(error: unknown): void {
  if (!(error instanceof QuiqupAuthError) || !error.retryable) {
    throw error;
  }
}
