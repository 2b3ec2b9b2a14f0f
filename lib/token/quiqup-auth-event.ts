import type { QuiqupAuthError } from '../errors/index.js';

/** Why a token was asked for: the warm-up, the timer, a call without a token, a 401, or `refresh()`. */
export type QuiqupRenewalCause = 'warm-up' | 'schedule' | 'call' | 'rejection' | 'refresh';

interface TokenEvent {
  /** Tells tokens apart without telling them: 8 hex digits of a hash. */
  readonly fingerprint: string;
  readonly expiresAt: Date;
  readonly cause: QuiqupRenewalCause;
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

/** What happens to the token, for logs, metrics and dashboards. No event holds a secret. */
export type QuiqupAuthEvent =
  QuiqupTokenAcquiredEvent | QuiqupTokenReusedEvent | QuiqupTokenAdoptedEvent | QuiqupRenewalFailedEvent;
