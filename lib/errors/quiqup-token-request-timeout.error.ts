import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * No complete response of the token endpoint came within `timeouts.tokenRequest`.
 */
export class QuiqupTokenRequestTimeoutError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_TOKEN_REQUEST_TIMEOUT';
  readonly retryable = true;
}
