import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * The token endpoint did not answer completely within `timeouts.tokenRequest`.
 */
export class QuiqupTokenRequestTimeoutError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_TOKEN_REQUEST_TIMEOUT';
  readonly retryable = true;
}
