import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * Quiqup does not accept the client id and secret (`invalid_client`, `unauthorized_client`, or a 401 without a
 * readable body). Asking again does not help until they change: check both, and that they belong to this environment.
 */
export class QuiqupCredentialsRefusedError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_CREDENTIALS_REFUSED';
  readonly retryable = false;
}
