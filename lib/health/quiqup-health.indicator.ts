import type { TokenStore } from '../store/index.js';
import { dateAt, systemClock, type Clock } from '../time/index.js';
import type { TokenMemory, TokenRenewal } from '../token/index.js';
import type {
  QuiqupHealth,
  QuiqupHealthReason,
  QuiqupHealthRenewal,
  QuiqupHealthStatus,
  QuiqupHealthStore,
  QuiqupHealthToken,
} from './quiqup-health.js';

/** How {@link QuiqupHealthIndicator.check} reports. */
export interface QuiqupHealthCheckOptions<Degraded extends QuiqupHealthStatus = QuiqupHealthStatus> {
  /**
   * The status to report for `degraded`. Terminus 11 supports only `up` and `down`, and omits other results. `reason` and
   * `message` stay. Default `'degraded'`.
   */
  readonly degradedAs?: Degraded | undefined;
}

/** The parts that the indicator reads. */
interface ObservedRuntime {
  readonly memory: TokenMemory;
  readonly renewal: Pick<TokenRenewal, 'isClosed'>;
}

interface Finding {
  readonly status: QuiqupHealthStatus;
  readonly reason: QuiqupHealthReason;
  readonly message: string;
}

/**
 * The health of one account, for Terminus. It uses only what this process knows and sends no request, so it costs nothing
 * and cannot hang.
 *
 * @example
 * ```ts
 * @Get()
 * @HealthCheck()
 * check() {
 *   return this.health.check([() => this.quiqup.check()]);
 * }
 * ```
 */
export class QuiqupHealthIndicator {
  // A `#` field: the memory that holds the token is not printed.
  readonly #account: ObservedRuntime;
  readonly #store: Pick<TokenStore, 'lostForMs'>;
  readonly #clock: Clock;

  /** @internal */
  constructor(account: ObservedRuntime, store: Pick<TokenStore, 'lostForMs'>, clock: Clock = systemClock) {
    this.#account = account;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The account's health under `key`. Never throws.
   *
   * With `warmUp: 'off'` it is down until the first call has fetched a token. If traffic waits for this check, leave
   * `warmUp` on.
   *
   * @param key the name of the account in the report; default `'quiqup'`
   * @example
   * ```ts
   * quiqup.check('quiqup-dubai', { degradedAs: 'down' }); // { 'quiqup-dubai': { status: 'up', token: … } }
   * ```
   */
  check<const Key extends string = 'quiqup', Degraded extends QuiqupHealthStatus = 'degraded'>(
    key?: Key,
    { degradedAs }: QuiqupHealthCheckOptions<Degraded> = {},
  ): Record<Key, QuiqupHealth<'up' | 'down' | Degraded>> {
    const now = this.#clock.now();
    const finding = this.find(now);
    const status = finding?.status === 'degraded' ? (degradedAs ?? 'degraded') : (finding?.status ?? 'up');
    const health: QuiqupHealth = {
      status,
      ...(finding && { reason: finding.reason, message: finding.message }),
      ...this.details(now),
    };
    return { [key ?? 'quiqup']: health } as Record<Key, QuiqupHealth<'up' | 'down' | Degraded>>;
  }

  /** The problem; the worst one first. */
  private find(now: number): Finding | undefined {
    const { memory, renewal } = this.#account;
    if (renewal.isClosed) {
      return down('shut-down', 'The application has shut down; calls get no token any more.');
    }
    const error = memory.lastRenewal?.error;
    const phase = memory.phase(now);
    if (phase === 'none' || phase === 'expired') {
      if (error !== undefined) {
        return down('renewal-failed', error.message);
      }
      return phase === 'none'
        ? down(
            'no-token-yet',
            "There is no token yet: the first is on its way, or, with warmUp 'off', is fetched by the first call. Leave " +
              "warmUp at 'background' where traffic waits for this check.",
          )
        : down(
            'token-expired',
            'The token has ended, and no call has asked for another since; the next one fetches it. Leave ' +
              'refresh.enabled at true to have it renewed ahead of time.',
          );
    }
    if (phase === 'refused') {
      return degraded(
        'token-refused',
        'Quiqup refused the token in hand; calls wait for the next, which is on its way.',
      );
    }
    if (error !== undefined) {
      return degraded('renewal-failed', `Calls go on with the token in hand, but its renewal failed. ${error.message}`);
    }
    return this.#store.lostForMs === undefined
      ? undefined
      : degraded(
          'store-lost',
          'The token store does not answer; calls go on from memory, and instances cannot share tokens. Check Redis and ' +
            'the way to it.',
        );
  }

  private details(now: number): Pick<QuiqupHealth, 'token' | 'lastRenewal' | 'store'> {
    const token = this.token(now);
    const lastRenewal = this.lastRenewal(now);
    return { ...(token && { token }), ...(lastRenewal && { lastRenewal }), store: this.store() };
  }

  private token(now: number): QuiqupHealthToken | undefined {
    const { held } = this.#account.memory;
    return held && { source: held.source, expiresIn: Math.max(0, wholeSeconds(held.expiresAt - now)) };
  }

  private lastRenewal(now: number): QuiqupHealthRenewal | undefined {
    const { lastRenewal } = this.#account.memory;
    const retryAt = this.#account.memory.retryAt(now);
    return (
      lastRenewal && {
        at: dateAt(this.#clock, lastRenewal.endedAt).toISOString(),
        result: lastRenewal.error?.code ?? 'success',
        ...(retryAt > now && { nextAttemptAt: dateAt(this.#clock, retryAt).toISOString() }),
      }
    );
  }

  private store(): QuiqupHealthStore {
    const { lostForMs } = this.#store;
    return lostForMs === undefined ? { status: 'up' } : { status: 'lost', lostFor: wholeSeconds(lostForMs) };
  }
}

function down(reason: QuiqupHealthReason, message: string): Finding {
  return { status: 'down', reason, message };
}

function degraded(reason: QuiqupHealthReason, message: string): Finding {
  return { status: 'degraded', reason, message };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
