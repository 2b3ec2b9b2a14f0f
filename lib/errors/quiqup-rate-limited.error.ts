import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * The token endpoint limits the rate of this client (429, `resource_exhausted`). `retryAfterMs` tells for how long, if
 * Quiqup named a time.
 */
export class QuiqupRateLimitedError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupRateLimitedError';
  readonly code = 'QUIQUP_RATE_LIMITED';
  readonly retryable = true;
}
