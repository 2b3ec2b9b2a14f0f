import type { Observable } from 'rxjs';
import { dateAt, settleWithin, type Clock } from '../time/index.js';
import type { AuthEvents } from './auth-events.js';
import type { HeldToken } from './held-token.js';
import { QuiqupAccessToken } from './quiqup-access-token.js';
import type { QuiqupAuthEvent } from './quiqup-auth-event.js';
import type { TokenMemory } from './token-memory.js';
import type { TokenRecovery } from './token-recovery.js';
import type { TokenRenewal } from './token-renewal.js';
import { TokenWait } from './token-wait.js';

/** How a call waits for a token. */
export interface QuiqupTokenWaitOptions {
  /** Ends the wait of this caller at once. Other callers continue to wait. */
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
 * Provides Quiqup's access token. It keeps the token in memory, renews it ahead of time, and sends one token request for
 * all concurrent callers.
 *
 * @example
 * ```ts
 * const accessToken = await tokens.getAccessToken();
 * const response = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
 * if (response.status === 401) {
 *   const another = await tokens.reject(accessToken);
 *   // send once more with `another`, if there is one
 * }
 * ```
 */
export class QuiqupTokenService {
  // A `#` field: the memory that holds the token is not printed.
  readonly #parts: TokenServiceParts;
  /** The events of the account. Completes at shutdown. If a subscriber throws, others still get the event. */
  readonly events$: Observable<QuiqupAuthEvent>;

  /** @internal */
  constructor(parts: TokenServiceParts) {
    this.#parts = parts;
    this.events$ = parts.events.events$;
  }

  /**
   * Returns the access token, without `Bearer `. A fresh or stale token is returned at once. While the token is expiring,
   * the caller waits for the renewal, 1 s at most. Without a usable token, the caller waits for the next one.
   *
   * @throws QuiqupTokenWaitTimeoutError after `timeouts.wait`
   * @throws QuiqupTokenEndpointError if the token endpoint issues no token
   * @throws QuiqupCredentialsUnavailableError if the function for a credential fails
   * @throws the signal's reason when it aborts
   */
  getAccessToken(options: QuiqupTokenWaitOptions = {}): Promise<string> {
    const ready = this.peek();
    return ready !== undefined && options.signal?.aborted !== true
      ? Promise.resolve(ready)
      : this.obtain(options.signal).then(({ accessToken }) => accessToken);
  }

  /** Like {@link getAccessToken}, with the time when the token expires. */
  async getToken(options: QuiqupTokenWaitOptions = {}): Promise<QuiqupAccessToken> {
    const { accessToken, expiresAt } = await this.obtain(options.signal);
    return new QuiqupAccessToken(accessToken, dateAt(this.#parts.clock, expiresAt));
  }

  /**
   * Returns the access token if it is fresh or stale, without waiting. A stale token is renewed in the background.
   * Otherwise it returns `undefined`: call {@link getAccessToken}.
   */
  peek(): string | undefined {
    const { memory, renewal, recovery, clock } = this.#parts;
    const { held } = memory;
    const phase = memory.phase(clock.now());
    if (held === undefined || (phase !== 'fresh' && phase !== 'stale')) {
      return undefined;
    }
    if (phase === 'stale') {
      renewal.renewAhead();
    }
    recovery.handedOut(held.accessToken);
    return held.accessToken;
  }

  /**
   * Returns a token that was requested after this call. Concurrent calls share one token request. If the server reuses
   * tokens, it may be the same token.
   *
   * @throws as {@link getAccessToken}
   */
  async refresh(options: QuiqupTokenWaitOptions = {}): Promise<string> {
    options.signal?.throwIfAborted();
    const { accessToken } = await this.wait(options.signal).settle(this.#parts.renewal.refresh());
    return accessToken;
  }

  /**
   * Reports that Quiqup answered a call with this token with 401, and returns another token to send the call again. If
   * the token was replaced meanwhile, this causes no token request. Concurrent calls share one.
   *
   * @returns the other token, or `undefined` if the endpoint has no other
   * @throws as {@link getAccessToken}
   */
  async reject(accessToken: string, options: QuiqupTokenWaitOptions = {}): Promise<string | undefined> {
    return (await this.#parts.recovery.replace(accessToken, options))?.accessToken;
  }

  private async obtain(signal: AbortSignal | undefined): Promise<HeldToken> {
    signal?.throwIfAborted();
    const { memory, renewal, clock } = this.#parts;
    const now = clock.now();
    const { held } = memory;
    const phase = memory.phase(now);
    if (held === undefined || phase === 'expired') {
      return this.wait(signal).renew('call');
    }
    if (phase === 'stale') {
      renewal.renewAhead();
    }
    const isGoodEnough = phase === 'fresh' || phase === 'stale' || renewal.isClosed;
    if (isGoodEnough || (phase === 'expiring' && memory.isBackingOff(now))) {
      return held;
    }
    // The token in hand is good for a little while, so its renewal is worth only a short wait and no failure.
    const token = await settleWithin(
      renewal.renew('call').catch(() => held),
      {
        limitMs: Math.min(LONGEST_WAIT_WHEN_EXPIRING_MS, (held.usableUntil - now) / 2),
        signal,
        atLimit: () => held,
        clock,
      },
    );
    // Unless the process stood still meanwhile.
    return token === held && clock.now() >= held.usableUntil ? this.wait(signal).renew('call') : token;
  }

  private wait(signal: AbortSignal | undefined): TokenWait {
    const { renewal, longestWaitMs, clock } = this.#parts;
    return new TokenWait(renewal, { limitMs: longestWaitMs, signal, clock });
  }
}
