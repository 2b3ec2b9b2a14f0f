import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * Quiqup knows the client but refuses the request itself (`invalid_request`, `unsupported_grant_type`,
 * `invalid_scope`, `invalid_argument`, `failed_precondition`, or a 400 without a readable body).
 * Either a gateway or proxy alters the request, or the base URL leads to another server.
 */
export class QuiqupTokenRequestRefusedError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupTokenRequestRefusedError';
  readonly code = 'QUIQUP_TOKEN_REQUEST_REFUSED';
  readonly retryable = false;
}
