import type { Credentials } from './credentials.js';
import type { AcquiredToken, HeldToken } from './held-token.js';
import type { TokenFailure } from './token-failure.js';
import type { WantedToken } from './token-memory.js';

/** A token that calls can go on with when no other is to be had. */
export interface TokenInHand {
  readonly token: HeldToken;
  /** Whether the request counts for the budget for rejections: the token is good but for a 401. */
  readonly isCounted: boolean;
  /** Whether the request is made though the budget is exhausted. */
  readonly mayOverdraw: boolean;
  /** Whether its renewal may wait until a lost store is back. */
  readonly canWait: boolean;
}

/** What an acquisition is for. */
export interface AcquisitionRequest extends WantedToken {
  readonly credentials: Credentials;
  /** Whether so much hangs on it that a lost store is worth a try. */
  readonly isUrgent: boolean;
  /** `undefined` where nothing is in hand. */
  readonly inHand: TokenInHand | undefined;
  /** Ends the acquisition when the application shuts down. */
  readonly closing: AbortSignal;
}

/** A token, or why there is none. */
export type Outcome =
  | { readonly kind: 'token'; readonly token: AcquiredToken }
  | { readonly kind: 'failed'; readonly failure: TokenFailure }
  | { readonly kind: 'budget-exhausted' | 'store-lost'; readonly inHand: HeldToken };

/** The outcome, with how long the lock was waited for, in ms: 0 when it was not needed. */
export type Acquisition = Outcome & { readonly lockWaitMs: number };
