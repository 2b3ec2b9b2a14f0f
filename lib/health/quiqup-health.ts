import type { QuiqupAuthErrorCode } from '../errors/index.js';

/**
 * - `up`: calls get a token
 * - `degraded`: calls still get a token, but a problem needs attention before the token ends
 * - `down`: calls get no token
 */
export type QuiqupHealthStatus = 'up' | 'degraded' | 'down';

/**
 * Why an account is not up. The names are stable.
 *
 * - `no-token-yet`: no token was requested, or the first request is running
 * - `token-expired`: the token expired, and no token was requested since
 * - `token-refused`: Quiqup refused the token in hand with 401, and the renewal is running
 * - `renewal-failed`: the last attempt to get a token failed; `down` without a good token, otherwise `degraded`
 * - `store-lost`: the token store does not answer
 * - `shut-down`: the application has shut down
 */
export type QuiqupHealthReason =
  'no-token-yet' | 'token-expired' | 'token-refused' | 'renewal-failed' | 'store-lost' | 'shut-down';

/** The token in hand. */
export interface QuiqupHealthToken {
  /** Where this instance got the token: from Quiqup, or from the store, where another instance wrote it. */
  readonly source: 'endpoint' | 'store';
  /** The time until the token expires, in whole seconds; 0 if it has expired. */
  readonly expiresIn: number;
}

/** The last attempt to get a token. */
export interface QuiqupHealthRenewal {
  /** When it ended (ISO 8601). */
  readonly at: string;
  /** `'success'`, or the code of the error. */
  readonly result: 'success' | QuiqupAuthErrorCode;
  /** After a failure, the earliest time of the next token request (ISO 8601); absent if one may be sent now. */
  readonly nextAttemptAt?: string | undefined;
}

/** The token store. */
export interface QuiqupHealthStore {
  readonly status: 'up' | 'lost';
  /** How long the store has been lost, in whole seconds; absent while it is up. */
  readonly lostFor?: number | undefined;
}

/** The health of one account. It contains no secret, no client id and no address. */
export interface QuiqupHealth<Status extends QuiqupHealthStatus = QuiqupHealthStatus> {
  readonly status: Status;
  /** Absent if the account is up. */
  readonly reason?: QuiqupHealthReason | undefined;
  /** The problem and what to do, for people; absent if the account is up. */
  readonly message?: string | undefined;
  /** Absent before the first. */
  readonly token?: QuiqupHealthToken | undefined;
  /** Absent before the first. */
  readonly lastRenewal?: QuiqupHealthRenewal | undefined;
  readonly store: QuiqupHealthStore;
}
