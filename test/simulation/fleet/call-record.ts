import type { TokenPhase } from '../../../lib/token/token-memory.js';
import type { SentCall } from '../quiqup/quiqup-adapter.js';
import type { CallPlan } from '../scenario/scenario.js';

export type CallOutcome = 'accepted' | 'refused' | 'token error' | 'canceled' | 'pending';

/** The outcome of one call of the workload. Times are virtual ms. */
export interface CallRecord {
  readonly plan: CallPlan;
  readonly startedAt: number;
  endedAt: number;
  outcome: CallOutcome;
  /** The code of the error. */
  detail: string;
  readonly sent: SentCall[];
  /** The token in hand when it began, unless it was known to have ended. */
  readonly inHand: string | undefined;
  readonly phase: TokenPhase;
  /** The tokens of the other running instances. */
  readonly inOtherHands: readonly string[];
  /** Listeners that were left on the caller's signal. */
  listenersLeft: number;
}
