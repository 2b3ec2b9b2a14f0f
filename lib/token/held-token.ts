import type { TokenSchedule } from './token-ages.js';

/** A token in the memory of this process. All its times are of the monotonic clock, in ms. */
export interface HeldToken extends TokenSchedule {
  /** Of the answer that brought it. */
  readonly id: string;
  readonly accessToken: string;
  /** Where this instance got it from. */
  readonly source: 'endpoint' | 'store';
}
