import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * A call waited `timeouts.wait` for a token, and none came. The token request continues, so a later call may get one.
 */
export class QuiqupTokenWaitTimeoutError extends QuiqupAuthError {
  override readonly name: string = 'QuiqupTokenWaitTimeoutError';
  readonly code = 'QUIQUP_TOKEN_WAIT_TIMEOUT';
  readonly retryable = true;
}
