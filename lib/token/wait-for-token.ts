import { QuiqupTokenWaitTimeoutError } from '../errors/index.js';
import type { HeldToken } from './held-token.js';
import { settleWithin } from './settle-within.js';

/**
 * One caller's wait for a flight that belongs to nobody.
 *
 * @throws {@link QuiqupTokenWaitTimeoutError} after `limitMs`
 * @throws the signal's reason when it aborts
 */
export function waitForToken(
  flight: Promise<HeldToken>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<HeldToken> {
  return settleWithin(flight, {
    limitMs,
    signal,
    atLimit: () => {
      throw new QuiqupTokenWaitTimeoutError(
        `No token came within ${limitMs} ms; it is still being fetched. Check Quiqup's token endpoint, or raise ` +
          'timeouts.wait.',
      );
    },
  });
}
