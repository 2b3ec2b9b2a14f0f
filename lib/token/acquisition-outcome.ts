import type { Credentials } from './credentials.js';
import type { AcquiredToken, HeldToken } from './held-token.js';
import type { TokenFailure } from './token-failure.js';
import type { WantedToken } from './token-memory.js';

/** A token that calls can continue with if no other is available. */
export interface TokenInHand {
  readonly token: HeldToken;
  /** Whether the rejection budget counts the request, because only a 401 speaks against the token. */
  readonly isCounted: boolean;
  /** Whether to send the request even if the budget is exhausted. */
  readonly mayOverdraw: boolean;
  /** Whether its renewal may wait until a lost store is back. */
  readonly canWait: boolean;
}

/** The reason and the conditions of an acquisition. */
export interface AcquisitionRequest extends WantedToken {
  readonly credentials: Credentials;
  /** Whether a caller needs the token, so that even a lost store is tried. */
  readonly isUrgent: boolean;
  /** `undefined` without a usable token. */
  readonly inHand: TokenInHand | undefined;
  /** Ends the acquisition when the application shuts down. */
  readonly closing: AbortSignal;
}

/** A token, or why there is none. */
export type Outcome =
  | { readonly kind: 'token'; readonly token: AcquiredToken }
  | { readonly kind: 'failed'; readonly failure: TokenFailure }
  | { readonly kind: 'budget-exhausted' | 'store-lost'; readonly inHand: HeldToken };

/** The outcome, and how long the instance waited for the lock, in ms: 0 if it needed none. */
export type Acquisition = Outcome & { readonly lockWaitMs: number };
