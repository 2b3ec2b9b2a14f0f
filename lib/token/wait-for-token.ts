import { QuiqupTokenWaitTimeoutError } from '../errors/index.js';
import { settleWithin, type Clock } from '../time/index.js';
import type { HeldToken } from './held-token.js';

export interface TokenWaitLimits {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/**
 * One caller's wait for a flight that belongs to nobody.
 *
 * @throws {@link QuiqupTokenWaitTimeoutError} after `limitMs`
 * @throws the signal's reason when it aborts
 */
export function waitForToken(flight: Promise<HeldToken>, limits: TokenWaitLimits): Promise<HeldToken> {
  return settleWithin(flight, {
    ...limits,
    atLimit: () => {
      throw new QuiqupTokenWaitTimeoutError(
        `No token came within ${limits.limitMs} ms; it is still being fetched. Check Quiqup's token endpoint, or raise ` +
          'timeouts.wait.',
      );
    },
  });
}
