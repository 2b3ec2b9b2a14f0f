import type { QuiqupHealthReason, QuiqupHealthStatus, QuiqupRenewalCause } from 'nestjs-quiqup-auth';
import type { CallOutcome, QuiqupCall } from '../calls/call-log.js';

/**
 * When a call was over (epoch ms), how long it took (ms), what became of it, which API it went to, its method and path
 * (`GET /orders/1`), and why it failed.
 */
export type CallMark = readonly [
  at: number,
  durationMs: number,
  outcome: CallOutcome,
  api: QuiqupCall['api'],
  request: string,
  reason?: string,
];

/** The instance has a token from here on. All times in epoch ms. */
export interface TokenHeld {
  readonly type: 'token';
  readonly at: number;
  readonly how: 'acquired' | 'adopted' | 'reused';
  readonly cause: QuiqupRenewalCause;
  readonly fingerprint: string;
  readonly staleAt: number;
  readonly expiringAt: number;
  readonly expiresAt: number;
}

/** The token endpoint was asked. */
export interface TokenRequested {
  readonly type: 'token-request';
  /** When its answer had come. */
  readonly at: number;
  readonly durationMs: number;
  /** `success`, or the code of the error. */
  readonly outcome: string;
}

/** Quiqup answered 401 to a call. */
interface CallRejected {
  readonly type: 'rejected';
  readonly at: number;
  /** The fingerprint of the token that was refused. */
  readonly fingerprint: string;
}

/** Redis went, or came back. */
interface StoreChanged {
  readonly type: 'store';
  readonly at: number;
  readonly isLost: boolean;
}

export type InstanceEvent = TokenHeld | TokenRequested | CallRejected | StoreChanged;

export interface InstanceStatus {
  readonly health: QuiqupHealthStatus;
  readonly reason?: QuiqupHealthReason;
  readonly message?: string;
  readonly isStoreLost: boolean;
}

/** The calls and events of an instance in one interval. It contains no token and no secret. */
export interface Observation {
  readonly calls: readonly CallMark[];
  readonly events: readonly InstanceEvent[];
  readonly status: InstanceStatus;
}
