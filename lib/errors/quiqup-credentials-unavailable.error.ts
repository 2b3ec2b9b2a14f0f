import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * The function given as `clientId`, `clientSecret` or `resolveCredentials` threw, yielded nothing or did not answer in time.
 */
export class QuiqupCredentialsUnavailableError extends QuiqupAuthError {
  readonly code = 'QUIQUP_CREDENTIALS_UNAVAILABLE';
  readonly retryable = true;
}
