/**
 * The stable names of all failures, for code that depends on the cause.
 * They do not change between releases, but messages may.
 */
export type QuiqupAuthErrorCode =
  | 'QUIQUP_CONFIG_INVALID'
  | 'QUIQUP_ACCOUNT_UNKNOWN'
  | 'QUIQUP_CREDENTIALS_REFUSED'
  | 'QUIQUP_CREDENTIALS_UNAVAILABLE'
  | 'QUIQUP_TOKEN_REQUEST_REFUSED'
  | 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND'
  | 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE'
  | 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE'
  | 'QUIQUP_TOKEN_REQUEST_TIMEOUT'
  | 'QUIQUP_TOKEN_RESPONSE_INVALID'
  | 'QUIQUP_RATE_LIMITED'
  | 'QUIQUP_TOKEN_WAIT_TIMEOUT'
  | 'QUIQUP_SHUT_DOWN';

/**
 * The base class of every error of this package. The message names the problem and the remedy. Neither the message nor
 * any property contains a secret or a token. `cause` is never an axios error, because that contains the credentials.
 *
 * @example
 * ```ts
 * if (error instanceof QuiqupAuthError && error.retryable) {
 *   throw new ServiceUnavailableException('Quiqup is not reachable right now');
 * }
 * ```
 */
export abstract class QuiqupAuthError extends Error {
  /** The name of the class, even if a bundler shortened it. */
  abstract override readonly name: string;

  /** The stable name of the cause. */
  abstract readonly code: QuiqupAuthErrorCode;

  /** Whether the same call may succeed later without a change on your side. */
  abstract readonly retryable: boolean;

  /** The form for logs. Also called by code that expects an `AxiosError`. */
  toJSON(): object {
    return Object.assign({}, this, { name: this.name, message: this.message });
  }
}
