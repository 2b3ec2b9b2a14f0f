import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * Quiqup, or a gateway before it, is unwell (408, 5xx, `temporarily_unavailable`, `server_error`,
 * `invalid_token_reuse`).
 */
export class QuiqupTokenEndpointUnavailableError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE';
  readonly retryable = true;
}
