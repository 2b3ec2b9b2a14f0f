import type { QuiqupAuthError, QuiqupAuthErrorCode } from '../errors/index.js';
import type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from '../store/index.js';

/** Why a token was requested: the warm-up, the timer, a call without a token, a 401, or `refresh()`. */
export type QuiqupRenewalCause = 'warm-up' | 'schedule' | 'call' | 'rejection' | 'refresh';

/** How a token was requested (RFC 6749 sections 4.4 and 6). */
export type QuiqupGrantType = 'client_credentials' | 'refresh_token';

interface TokenEvent {
  /** Tells tokens apart without telling them: 8 hex digits of a hash. */
  readonly fingerprint: string;
  readonly cause: QuiqupRenewalCause;
  /** From when on it is renewed in the background. */
  readonly staleAt: Date;
  /** From when on calls wait a little for its renewal. */
  readonly expiringAt: Date;
  readonly expiresAt: Date;
  /** How long the lock around the token request was waited for, in ms; 0 when it was not needed. */
  readonly lockWaitMs: number;
}

/** The token endpoint issued a token. */
export interface QuiqupTokenAcquiredEvent extends TokenEvent {
  readonly type: 'acquired';
}

/** The token endpoint answered with the token that is held already. */
export interface QuiqupTokenReusedEvent extends TokenEvent {
  readonly type: 'reused';
}

/** The token came from the store, where another instance had put it. */
export interface QuiqupTokenAdoptedEvent extends TokenEvent {
  readonly type: 'adopted';
}

/** No token could be had. Calls go on with the one in hand, if there is one. */
export interface QuiqupRenewalFailedEvent {
  readonly type: 'renewal-failed';
  readonly cause: QuiqupRenewalCause;
  readonly error: QuiqupAuthError;
  /** How many attempts have failed in a row. */
  readonly attempt: number;
  readonly nextAttemptAt: Date;
}

/** One token request, with its outcome. */
export interface QuiqupTokenRequestEvent {
  readonly type: 'token-request';
  readonly grantType: QuiqupGrantType;
  /** `'success'`, or the code of the error. */
  readonly outcome: 'success' | QuiqupAuthErrorCode;
  /** HTTP status of the response; absent when none came. */
  readonly status?: number | undefined;
  /** From before the request to after the whole response, in ms. */
  readonly durationMs: number;
}

/** Quiqup answered 401 to a call that was sent with this token. Another event tells the outcome of the call. */
export interface QuiqupCallRejectedEvent {
  readonly type: 'rejected';
  /** Of the token that was refused. */
  readonly fingerprint: string;
}

/** A call that had been answered with 401 was accepted with another token. */
export interface QuiqupCallRecoveredEvent {
  readonly type: 'recovered';
  /** Of the token that was accepted. */
  readonly fingerprint: string;
}

/** A call that had been answered with 401 could not be recovered: the 401 went to the caller, but for a failed replay. */
export interface QuiqupCallNotRecoveredEvent {
  readonly type: 'not-recovered';
  /**
   * - `no-other-token`: none but the refused one could be had
   * - `refused-again`: another token was refused as well
   * - `one-shot-body`: the body could be read only once, so that the call was not sent again
   * - `replay-failed`: the call was sent again, and no response came
   */
  readonly reason: 'no-other-token' | 'refused-again' | 'one-shot-body' | 'replay-failed';
}

/** The budget for token requests after 401s is used up: for a while, another 401 causes none. */
export interface QuiqupBudgetExhaustedEvent {
  readonly type: 'budget-exhausted';
  /** When a 401 may cause a token request again. */
  readonly nextRequestAt: Date;
}

/** What happens to the token, for logs, metrics and dashboards. No event holds a secret. */
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
