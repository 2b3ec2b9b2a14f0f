import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * The application has shut down (`onApplicationShutdown`), and the module fetches no more tokens.
 */
export class QuiqupShutDownError extends QuiqupAuthError {
  override readonly name: string = 'QuiqupShutDownError';
  readonly code = 'QUIQUP_SHUT_DOWN';
  readonly retryable = false;
}
