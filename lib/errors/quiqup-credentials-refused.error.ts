import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * Quiqup does not accept the client id and secret (`invalid_client`, `unauthenticated`, or a 401 without a readable
 * body), or does not allow this client to have a token (`unauthorized_client`, `permission_denied`). Another request does
 * not help until that changes. Check both, and that they belong to this environment.
 */
export class QuiqupCredentialsRefusedError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupCredentialsRefusedError';
  readonly code = 'QUIQUP_CREDENTIALS_REFUSED';
  readonly retryable = false;
}
