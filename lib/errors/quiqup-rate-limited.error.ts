import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * The token endpoint is rate limited for this client (429, `resource_exhausted`); `retryAfterMs` says for how long, where Quiqup did.
 */
export class QuiqupRateLimitedError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_RATE_LIMITED';
  readonly retryable = true;
}
