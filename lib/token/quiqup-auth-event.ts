import type { QuiqupAuthError, QuiqupAuthErrorCode } from '../errors/index.js';
import type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from '../store/index.js';

/** Why a token was requested: the warm-up, the timer, a call without a token, a 401, or `refresh()`. */
export type QuiqupRenewalCause = 'warm-up' | 'schedule' | 'call' | 'rejection' | 'refresh';

/** How a token was requested (RFC 6749 sections 4.4 and 6). */
export type QuiqupGrantType = 'client_credentials' | 'refresh_token';

interface TokenEvent {
  /** Identifies the token without revealing it: 8 hex digits of a hash. */
  readonly fingerprint: string;
  readonly cause: QuiqupRenewalCause;
  /** When the token becomes stale and is renewed in the background. */
  readonly staleAt: Date;
  /** When calls begin to wait briefly for its renewal. */
  readonly expiringAt: Date;
  readonly expiresAt: Date;
  /** How long the instance waited for the lock around the token request, in ms; 0 if it needed no lock. */
  readonly lockWaitMs: number;
}

/** The token endpoint issued a token. */
export interface QuiqupTokenAcquiredEvent extends TokenEvent {
  readonly type: 'acquired';
}

/** The token endpoint returned the token in hand again. */
export interface QuiqupTokenReusedEvent extends TokenEvent {
  readonly type: 'reused';
}

/** The token came from the store, where another instance wrote it. */
export interface QuiqupTokenAdoptedEvent extends TokenEvent {
  readonly type: 'adopted';
}

/** A renewal failed. Calls continue with the token in hand, if there is one. */
export interface QuiqupRenewalFailedEvent {
  readonly type: 'renewal-failed';
  readonly cause: QuiqupRenewalCause;
  readonly error: QuiqupAuthError;
  /** The number of failed attempts in a row. */
  readonly attempt: number;
  readonly nextAttemptAt: Date;
}

/** One token request, with its outcome. */
export interface QuiqupTokenRequestEvent {
  readonly type: 'token-request';
  readonly grantType: QuiqupGrantType;
  /** `'success'`, or the code of the error. */
  readonly outcome: 'success' | QuiqupAuthErrorCode;
  /** HTTP status of the response; absent if none came. */
  readonly status?: number | undefined;
  /** The duration from before the request to the end of the response, in ms. */
  readonly durationMs: number;
}

/** Quiqup answered a call with 401. Another event tells the outcome of the call. */
export interface QuiqupCallRejectedEvent {
  readonly type: 'rejected';
  /** The fingerprint of the refused token. */
  readonly fingerprint: string;
}

/** A call that got a 401 was accepted with another token. */
export interface QuiqupCallRecoveredEvent {
  readonly type: 'recovered';
  /** The fingerprint of the accepted token. */
  readonly fingerprint: string;
}

/** A call that got a 401 was not recovered. The caller gets the 401, or the error of the failed replay. */
export interface QuiqupCallNotRecoveredEvent {
  readonly type: 'not-recovered';
  /**
   * - `no-other-token`: the module could not get another token
   * - `refused-again`: Quiqup refused another token as well
   * - `one-shot-body`: the body can be read only once, so the call was not sent again
   * - `replay-failed`: the call was sent again, and no response came
   */
  readonly reason: 'no-other-token' | 'refused-again' | 'one-shot-body' | 'replay-failed';
}

/** The budget for token requests after 401s is exhausted: for a while, another 401 causes no token request. */
export interface QuiqupBudgetExhaustedEvent {
  readonly type: 'budget-exhausted';
  /** When a 401 may cause a token request again. */
  readonly nextRequestAt: Date;
}

/** The events of an account, for logs, metrics and dashboards. No event contains a secret. */
export type QuiqupAuthEvent =
  | QuiqupTokenAcquiredEvent
  | QuiqupTokenReusedEvent
  | QuiqupTokenAdoptedEvent
  | QuiqupRenewalFailedEvent
  | QuiqupTokenRequestEvent
  | QuiqupCallRejectedEvent
  | QuiqupCallRecoveredEvent
  | QuiqupCallNotRecoveredEvent
  | QuiqupBudgetExhaustedEvent
  | QuiqupStoreLostEvent
  | QuiqupStoreBackEvent;
