import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * No complete response of the token endpoint came within `timeouts.tokenRequest`.
 */
export class QuiqupTokenRequestTimeoutError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupTokenRequestTimeoutError';
  readonly code = 'QUIQUP_TOKEN_REQUEST_TIMEOUT';
  readonly retryable = true;
}
