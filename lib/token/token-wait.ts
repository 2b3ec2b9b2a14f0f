import { QuiqupAuthError, QuiqupTokenWaitTimeoutError } from '../errors/index.js';
import { settleWithin, type Clock } from '../time/index.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import type { TokenRenewal } from './token-renewal.js';

/** A flight this much older than the caller ends before the caller's own time limit, and may have given up. */
const OLD_FLIGHT_MS = 1_000;

export interface TokenWaitOptions {
  /** How long the caller waits in total, in ms. */
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** One caller's wait for a token, across several flights if needed. No caller owns a flight. */
export class TokenWait {
  private readonly endsAt: number;

  constructor(
    private readonly renewal: TokenRenewal,
    private readonly options: TokenWaitOptions,
  ) {
    this.endsAt = options.clock.now() + options.limitMs;
  }

  /**
   * Joins the flight under way, or starts one. If an old flight fails, a caller that joined it gets a new one: a
   * process that was suspended in the middle of a flight must not fail the calls that come afterwards.
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

  /** Like {@link renew}, for a flight that exists already. */
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
