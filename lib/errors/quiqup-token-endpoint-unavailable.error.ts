import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * Quiqup, or a gateway in front of it, has a problem (408, 499, 5xx; `temporarily_unavailable`, `server_error`,
 * `invalid_token_reuse`; `unavailable`, `internal`, `unknown`, `deadline_exceeded` and similar codes).
 */
export class QuiqupTokenEndpointUnavailableError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupTokenEndpointUnavailableError';
  readonly code = 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE';
  readonly retryable = true;
}
