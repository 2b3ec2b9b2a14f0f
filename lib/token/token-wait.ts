import { QuiqupAuthError, QuiqupTokenWaitTimeoutError } from '../errors/index.js';
import { settleWithin, type Clock } from '../time/index.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import type { TokenRenewal } from './token-renewal.js';

/** A flight that began so long before a caller joined it ends before that caller's own wait, and may have given up. */
const OLD_FLIGHT_MS = 1_000;

export interface TokenWaitOptions {
  /** How long the caller waits in all, in ms. */
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** One caller's wait for a token, over as many flights as it takes, none of which belongs to anybody. */
export class TokenWait {
  private readonly endsAt: number;

  constructor(
    private readonly renewal: TokenRenewal,
    private readonly options: TokenWaitOptions,
  ) {
    this.endsAt = options.clock.now() + options.limitMs;
  }

  /**
   * Joins the flight under way, or starts one. A caller who joined an old one gets one of its own when that fails: a
   * process that stood still in the middle of a flight must not fail who comes afterwards.
   *
   * @throws {@link QuiqupTokenWaitTimeoutError} after the limit
   * @throws the signal's reason when it aborts
   */
  async renew(cause: QuiqupRenewalCause, mayOverdraw = false): Promise<HeldToken> {
    const { renewal } = this;
    const joinsOld = renewal.runningForMs > OLD_FLIGHT_MS;
    try {
      return await this.settle(renewal.renew(cause, mayOverdraw));
    } catch (error) {
      const isPassing = error instanceof QuiqupAuthError && error.retryable;
      if (!joinsOld || !isPassing || error instanceof QuiqupTokenWaitTimeoutError) {
        throw error;
      }
      return this.settle(renewal.renew(cause, mayOverdraw));
    }
  }

  /** As {@link renew}, for a flight that is there already. */
  settle(flight: Promise<HeldToken>): Promise<HeldToken> {
    const { limitMs, signal, clock } = this.options;
    return settleWithin(flight, {
      limitMs: Math.max(0, this.endsAt - clock.now()),
      signal,
      clock,
      atLimit: () => {
        throw new QuiqupTokenWaitTimeoutError(
          `No token came within ${limitMs} ms; it is still being fetched. Check Quiqup's token endpoint, or raise ` +
            'timeouts.wait.',
        );
      },
    });
  }
}
