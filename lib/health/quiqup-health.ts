import type { QuiqupAuthErrorCode } from '../errors/index.js';

/**
 * - `up`: calls get a token
 * - `degraded`: they still do, but something needs attention before it ends
 * - `down`: they do not
 */
export type QuiqupHealthStatus = 'up' | 'degraded' | 'down';

/**
 * Why an account is not up. The names are stable.
 *
 * - `no-token-yet`: none has been asked for, or the first is on its way
 * - `token-expired`: the token ended, and none has been asked for since
 * - `token-refused`: Quiqup answered 401 to the token in hand, and the next is on its way
 * - `renewal-failed`: the last attempt to get a token failed; down without a good token, else degraded
 * - `store-lost`: the token store does not answer
 * - `shut-down`: the application has shut down
 */
export type QuiqupHealthReason =
  'no-token-yet' | 'token-expired' | 'token-refused' | 'renewal-failed' | 'store-lost' | 'shut-down';

/** The token in hand. */
export interface QuiqupHealthToken {
  /** Where this instance got it from: from Quiqup, or from the store, where another instance had put it. */
  readonly source: 'endpoint' | 'store';
  /** Until it ends, in whole seconds; 0 when it has ended. */
  readonly expiresIn: number;
}

/** The last attempt to get a token. */
export interface QuiqupHealthRenewal {
  /** When it ended (ISO 8601). */
  readonly at: string;
  /** `'success'`, or the code of the error. */
  readonly result: 'success' | QuiqupAuthErrorCode;
  /** After a failure, when Quiqup is asked again at the earliest (ISO 8601); absent when it may be asked now. */
  readonly nextAttemptAt?: string | undefined;
}

/** The token store. */
export interface QuiqupHealthStore {
  readonly status: 'up' | 'lost';
  /** For how long it has been lost, in whole seconds; absent while it is up. */
  readonly lostFor?: number | undefined;
}

/** One account's health. It holds no secret, no client id and no address. */
export interface QuiqupHealth<Status extends QuiqupHealthStatus = QuiqupHealthStatus> {
  readonly status: Status;
  /** Absent when it is up. */
  readonly reason?: QuiqupHealthReason | undefined;
  /** What is wrong and what to do about it, for people; absent when it is up. */
  readonly message?: string | undefined;
  /** Absent before the first. */
  readonly token?: QuiqupHealthToken | undefined;
  /** Absent before the first. */
  readonly lastRenewal?: QuiqupHealthRenewal | undefined;
  readonly store: QuiqupHealthStore;
}
