import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * The application has shut down (`onApplicationShutdown`), so no token is fetched any more.
 */
export class QuiqupShutDownError extends QuiqupAuthError {
  readonly code = 'QUIQUP_SHUT_DOWN';
  readonly retryable = false;
}
