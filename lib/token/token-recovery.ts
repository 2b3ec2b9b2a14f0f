import { Logger } from '@nestjs/common';
import type { AuthEvents } from './auth-events.js';
import { fingerprintOf } from './fingerprint.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupCallNotRecoveredEvent } from './quiqup-auth-event.js';
import type { RejectionBudget } from './rejection-budget.js';
import { ageOf } from './token-ages.js';
import type { TokenRenewal } from './token-renewal.js';
import { waitForToken } from './wait-for-token.js';

/** A token to send a refused call with once more, and the word on what came of it. */
export interface Replacement {
  readonly accessToken: string;
  /** The call was accepted with it. */
  accepted(): void;
}

/** A token refused earlier than this was hardly revoked by hand. */
const SOON_MS = 60_000;
const SUSPICIOUS_STREAK = 3;

/** Finds another token for calls that Quiqup answered with 401. */
export class TokenRecovery {
  private readonly logger: Logger;
  /** How many tokens in a row were refused soon after they were issued, though the next one was accepted. */
  private refusedSoon = 0;

  constructor(
    private readonly renewal: TokenRenewal,
    private readonly budget: RejectionBudget,
    private readonly events: AuthEvents,
    private readonly longestWaitMs: number,
  ) {
    this.logger = new Logger(renewal.label);
  }

  /** `undefined` when no token but the refused one is to be had. */
  async replace(refused: string, signal: AbortSignal | undefined): Promise<Replacement | undefined> {
    signal?.throwIfAborted();
    this.events.emit({ type: 'rejected', fingerprint: fingerprintOf(refused) });
    const { renewal } = this;
    const { current } = renewal;
    const isGood = current !== undefined && ageOf(current, performance.now()) !== 'expired';
    if (isGood && current.accessToken !== refused && !renewal.isRefused) {
      return this.replacement(current);
    }
    const wasRunning = renewal.isRunning;
    let next = await this.fetch(refused, isGood, signal);
    if (next.held.accessToken === refused && wasRunning) {
      // That flight may have been answered before the token was refused.
      next = await this.fetch(refused, isGood, signal);
    }
    return next.held.accessToken === refused
      ? undefined
      : this.replacement(next.held, next.isOurs ? current : undefined);
  }

  /** A call that {@link replace} was asked for is lost. */
  lost(reason: QuiqupCallNotRecoveredEvent['reason']): void {
    this.events.emit({ type: 'not-recovered', reason });
  }

  private async fetch(
    refused: string,
    isGood: boolean,
    signal: AbortSignal | undefined,
  ): Promise<{ held: HeldToken; isOurs: boolean }> {
    const { renewal } = this;
    // Whoever joins others is served with them; only the first knows whether its own 401 was worth the request.
    const isFirst = !renewal.isRunning;
    if (!this.budget.isSpent) {
      renewal.markRefused(refused);
    }
    const held = await waitForToken(renewal.renew(isGood ? 'rejection' : 'call'), this.longestWaitMs, signal);
    return { held, isOurs: isFirst && isGood && held.source === 'endpoint' };
  }

  /**
   * @param former the refused token, when this call alone caused the request for the next
   */
  private replacement({ accessToken }: HeldToken, former?: HeldToken): Replacement {
    return {
      accessToken,
      accepted: () => {
        this.events.emit({ type: 'recovered', fingerprint: fingerprintOf(accessToken) });
        if (former !== undefined) {
          void this.renewal.giveBack();
          this.suspectOthers(former);
        }
      },
    };
  }

  private suspectOthers({ expiresAt, lifetimeMs }: HeldToken): void {
    const ageMs = performance.now() - (expiresAt - lifetimeMs);
    this.refusedSoon = ageMs < Math.min(SOON_MS, lifetimeMs / 4) ? this.refusedSoon + 1 : 0;
    if (this.refusedSoon === SUSPICIOUS_STREAK) {
      this.logger.warn(
        `Quiqup refused ${SUSPICIOUS_STREAK} tokens in a row soon after it had issued them. Usually another process or ` +
          'application uses the same client without sharing the token store: give all of them the same cache.redis, or ' +
          'each a client of its own.',
      );
    }
  }
}
