import type { Clock } from '../time/index.js';
import type { AuthEvents } from './auth-events.js';
import { fingerprintOf } from './fingerprint.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupCallNotRecoveredEvent } from './quiqup-auth-event.js';
import type { RejectionBudget } from './rejection-budget.js';
import type { TokenLog } from './token-log.js';
import type { TokenMemory } from './token-memory.js';
import type { TokenRenewal } from './token-renewal.js';
import { waitForToken } from './wait-for-token.js';

/** A token to send a refused call with once more, and the word on its outcome. */
export interface Replacement {
  readonly accessToken: string;
  /** The call was accepted with it. */
  accepted(): void;
}

export interface RecoveryParts {
  readonly memory: TokenMemory;
  readonly renewal: TokenRenewal;
  readonly budget: RejectionBudget;
  readonly events: AuthEvents;
  readonly log: TokenLog;
  readonly clock: Clock;
  /** How long a caller waits for the other token, in ms. */
  readonly longestWaitMs: number;
}

/** A token refused earlier than this was hardly revoked by hand. */
const SOON_MS = 60_000;
const SUSPICIOUS_STREAK = 3;

/** Finds another token for calls that Quiqup answered with 401. */
export class TokenRecovery {
  readonly #parts: RecoveryParts;
  /** How many tokens in a row were refused soon after they were issued, though the next one was accepted. */
  private refusedSoon = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** `undefined` when no token but the refused one is to be had. */
  async replace(refused: string, signal: AbortSignal | undefined): Promise<Replacement | undefined> {
    signal?.throwIfAborted();
    const { memory, renewal, events, clock } = this.#parts;
    events.emit({ type: 'rejected', fingerprint: fingerprintOf(refused) });
    const now = clock.now();
    const usable = memory.usable(now);
    if (usable !== undefined && usable.accessToken !== refused) {
      return this.replacement(usable);
    }
    const former = memory.phase(now) === 'expired' ? undefined : memory.held;
    const wasRunning = renewal.isRunning;
    let next = await this.fetch(refused, former !== undefined, signal);
    if (next.held.accessToken === refused && wasRunning) {
      // That flight may have been answered before the token was refused.
      next = await this.fetch(refused, former !== undefined, signal);
    }
    return next.held.accessToken === refused
      ? undefined
      : this.replacement(next.held, next.isOurs ? former : undefined);
  }

  /** A call that {@link replace} was asked for is lost. */
  lost(reason: QuiqupCallNotRecoveredEvent['reason']): void {
    this.#parts.events.emit({ type: 'not-recovered', reason });
  }

  /**
   * @param isGood whether the refused token is good but for the 401
   */
  private async fetch(
    refused: string,
    isGood: boolean,
    signal: AbortSignal | undefined,
  ): Promise<{ held: HeldToken; isOurs: boolean }> {
    const { memory, renewal, budget, clock, longestWaitMs } = this.#parts;
    // Whoever joins others is served with them; only the first knows whether its own 401 was worth the request.
    const isFirst = !renewal.isRunning;
    if (!budget.isExhausted) {
      memory.refuse(refused);
    }
    const flight = renewal.renew(isGood ? 'rejection' : 'call');
    const held = await waitForToken(flight, { limitMs: longestWaitMs, signal, clock });
    return { held, isOurs: isFirst && isGood && held.source === 'endpoint' };
  }

  /**
   * @param former the refused token, when this call alone caused the request for the next
   */
  private replacement({ accessToken }: HeldToken, former?: HeldToken): Replacement {
    return {
      accessToken,
      accepted: () => {
        this.#parts.events.emit({ type: 'recovered', fingerprint: fingerprintOf(accessToken) });
        if (former !== undefined) {
          void this.#parts.budget.refund();
          this.suspectOthers(former);
        }
      },
    };
  }

  private suspectOthers({ expiresAt, lifetimeMs }: HeldToken): void {
    const ageMs = this.#parts.clock.now() - (expiresAt - lifetimeMs);
    this.refusedSoon = ageMs < Math.min(SOON_MS, lifetimeMs / 4) ? this.refusedSoon + 1 : 0;
    if (this.refusedSoon === SUSPICIOUS_STREAK) {
      this.#parts.log.refusedSoon(SUSPICIOUS_STREAK);
    }
  }
}
