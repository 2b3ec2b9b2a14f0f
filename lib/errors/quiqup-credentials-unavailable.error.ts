import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * The function for `clientId`, `clientSecret` or `resolveCredentials` threw, returned nothing or took too long.
 */
export class QuiqupCredentialsUnavailableError extends QuiqupAuthError {
  override readonly name: string = 'QuiqupCredentialsUnavailableError';
  readonly code = 'QUIQUP_CREDENTIALS_UNAVAILABLE';
  readonly retryable = true;
}
