import type { IssuedLifetime, TokenSchedule } from './token-ages.js';

/** A token as it came: from the endpoint, or from the store, where another instance wrote it. */
export interface AcquiredToken extends IssuedLifetime {
  /** The id of the response. The code compares ids, because a server may return the same text again. */
  readonly id: string;
  readonly accessToken: string;
  readonly source: 'endpoint' | 'store';
}

/** A token found in the store, and when it was written there, in monotonic ms. */
export interface StoredToken extends AcquiredToken {
  readonly writtenAt: number;
}

/** A token in the memory of this process. All times are monotonic, in ms. */
export interface HeldToken extends AcquiredToken, TokenSchedule {}
