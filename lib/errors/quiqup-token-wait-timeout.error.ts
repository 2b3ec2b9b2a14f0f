import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * A call waited `timeouts.wait` for a token and none came. The request for it goes on, so a later call may find one.
 */
export class QuiqupTokenWaitTimeoutError extends QuiqupAuthError {
  readonly code = 'QUIQUP_TOKEN_WAIT_TIMEOUT';
  readonly retryable = true;
}
