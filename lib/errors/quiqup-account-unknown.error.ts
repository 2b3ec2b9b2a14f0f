import { QuiqupAuthError } from './quiqup-auth.error.js';

/**
 * `resolveCredentials` returned nothing for this account, or the id is not a non-empty string of at most
 * 1,024 characters. The next call looks it up again.
 */
export class QuiqupAccountUnknownError extends QuiqupAuthError {
  override readonly name: string = 'QuiqupAccountUnknownError';
  readonly code = 'QUIQUP_ACCOUNT_UNKNOWN';
  readonly retryable = false;
  /** The id that was passed to `get`; for an invalid id its type or its beginning. */
  readonly accountId: string;

  constructor(message: string, accountId: string) {
    super(message);
    this.accountId = accountId;
  }
}
