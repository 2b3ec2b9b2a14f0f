import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * `resolveCredentials` yielded nothing for this account, or the id is no non-empty text. It is asked again the next time.
 */
export class QuiqupAccountUnknownError extends QuiqupAuthError {
  readonly code = 'QUIQUP_ACCOUNT_UNKNOWN';
  readonly retryable = false;
  /** As it was asked for. */
  readonly accountId: string;

  constructor(message: string, accountId: string) {
    super(message);
    this.accountId = accountId;
  }
}
