import type { Observable } from 'rxjs';
import { dateAt, settleWithin, type Clock } from '../time/index.js';
import type { AuthEvents } from './auth-events.js';
import type { HeldToken } from './held-token.js';
import { QuiqupAccessToken } from './quiqup-access-token.js';
import type { QuiqupAuthEvent } from './quiqup-auth-event.js';
import type { TokenMemory } from './token-memory.js';
import type { TokenRecovery } from './token-recovery.js';
import type { TokenRenewal } from './token-renewal.js';
import { waitForToken } from './wait-for-token.js';

/** How a call waits for a token. */
export interface QuiqupTokenWaitOptions {
  /** Ends this caller's wait at once, and nobody else's. */
  signal?: AbortSignal | undefined;
}

/** How long a call with an expiring token waits for the next, at most. */
const LONGEST_WAIT_WHEN_EXPIRING_MS = 1_000;

/** What {@link QuiqupTokenService} is made of. */
export interface TokenServiceParts {
  readonly memory: TokenMemory;
  readonly renewal: TokenRenewal;
  readonly recovery: TokenRecovery;
  readonly events: AuthEvents;
  readonly clock: Clock;
  /** How long a caller waits for a token, in ms. */
  readonly longestWaitMs: number;
}

/**
 * Quiqup's access token, always the best one to be had: kept in memory, renewed ahead of time, fetched once however
 * many ask.
 *
 * @example
 * ```ts
 * const accessToken = await tokens.getAccessToken();
 * const answer = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
 * if (answer.status === 401) {
 *   const another = await tokens.reject(accessToken);
 *   // send once more with `another`, if there is one
 * }
 * ```
 */
export class QuiqupTokenService {
  // Private in earnest: the memory that holds the token is not printed with the service.
  readonly #parts: TokenServiceParts;
  /** What happens to the token. Completes at shutdown; a subscriber that throws is logged and disturbs nobody. */
  readonly events$: Observable<QuiqupAuthEvent>;

  /** @internal */
  constructor(parts: TokenServiceParts) {
    this.#parts = parts;
    this.events$ = parts.events.events$;
  }

  /**
   * The access token, without `Bearer `. At once while one is fresh or stale; close to its end, after the renewal or
   * 1 s, whichever comes first; without a usable token, once one is there.
   *
   * @throws QuiqupTokenWaitTimeoutError after `timeouts.wait`
   * @throws QuiqupTokenEndpointError the reason why no token can be had
   * @throws QuiqupCredentialsUnavailableError when a credential's function fails
   * @throws the signal's reason when it aborts
   */
  getAccessToken(options: QuiqupTokenWaitOptions = {}): Promise<string> {
    const ready = this.peek();
    return ready !== undefined && options.signal?.aborted !== true
      ? Promise.resolve(ready)
      : this.obtain(options.signal).then(({ accessToken }) => accessToken);
  }

  /** As {@link getAccessToken}, with when the token ends. */
  async getToken(options: QuiqupTokenWaitOptions = {}): Promise<QuiqupAccessToken> {
    const { accessToken, expiresAt } = await this.obtain(options.signal);
    return new QuiqupAccessToken(accessToken, dateAt(this.#parts.clock, expiresAt));
  }

  /**
   * The access token in hand if it is fresh or stale, without waiting; a stale one is renewed in the background. Else
   * `undefined`: ask {@link getAccessToken}.
   */
  peek(): string | undefined {
    const { memory, renewal, clock } = this.#parts;
    switch (memory.phase(clock.now())) {
      case 'fresh':
        return memory.held?.accessToken;
      case 'stale':
        renewal.renewAhead();
        return memory.held?.accessToken;
      default:
        return undefined;
    }
  }

  /**
   * A token that was asked for after this call, whatever is in hand. Concurrent calls share one token request. Under a
   * server that reuses tokens it may be the same one.
   *
   * @throws as {@link getAccessToken}
   */
  async refresh(options: QuiqupTokenWaitOptions = {}): Promise<string> {
    options.signal?.throwIfAborted();
    const { accessToken } = await this.wait(this.#parts.renewal.renewAnew('refresh'), options.signal);
    return accessToken;
  }

  /**
   * Says that Quiqup answered 401 to this token, and gets another to send the call with once more. A token that has
   * been replaced meanwhile costs no token request, and all who reject one token at a time share one.
   *
   * @returns the other token, or `undefined` when the endpoint has none but this
   * @throws as {@link getAccessToken}
   */
  async reject(accessToken: string, options: QuiqupTokenWaitOptions = {}): Promise<string | undefined> {
    return (await this.#parts.recovery.replace(accessToken, options.signal))?.accessToken;
  }

  private async obtain(signal: AbortSignal | undefined): Promise<HeldToken> {
    signal?.throwIfAborted();
    const { memory, renewal, clock } = this.#parts;
    const now = clock.now();
    const { held } = memory;
    const phase = memory.phase(now);
    if (held === undefined || phase === 'expired') {
      return this.wait(renewal.renew('call'), signal);
    }
    if (phase === 'stale') {
      renewal.renewAhead();
    }
    const isGoodEnough = phase === 'fresh' || phase === 'stale' || renewal.isClosed;
    if (isGoodEnough || (phase === 'expiring' && memory.isBackingOff(now))) {
      return held;
    }
    // The token in hand is good for a little while, so its renewal is worth only a short wait and no failure.
    return settleWithin(
      renewal.renew('call').catch(() => held),
      {
        limitMs: Math.min(LONGEST_WAIT_WHEN_EXPIRING_MS, (held.usableUntil - now) / 2),
        signal,
        atLimit: () => held,
        clock,
      },
    );
  }

  private wait(flight: Promise<HeldToken>, signal: AbortSignal | undefined): Promise<HeldToken> {
    const { longestWaitMs, clock } = this.#parts;
    return waitForToken(flight, { limitMs: longestWaitMs, signal, clock });
  }
}
