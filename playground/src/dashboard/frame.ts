import type { CallMark, InstanceEvent, InstanceStatus } from '../instances/observation.js';
import type { EndpointMode } from '../simulator/simulated-quiqup.js';

/** Since the instance was first seen. */
export interface Counters {
  readonly calls: number;
  /** Those of `calls` that went to the last-mile API; all others went to fulfilment. */
  readonly lastMile: number;
  readonly recovered: number;
  readonly failed: number;
  readonly tokenRequests: number;
}

export interface InstanceFrame {
  readonly id: number;
  readonly pid: number;
  readonly isRemovable: boolean;
  readonly counters: Counters;
  readonly status: InstanceStatus;
  /** Since the last frame; in the first, all that is remembered. */
  readonly calls: readonly CallMark[];
  readonly events: readonly InstanceEvent[];
}

/** Whether all is well after it: not known yet, yes, or calls failed. */
export type Tone = 'waiting' | 'good' | 'bad';

/** An act, and its outcome so far. */
export interface Episode {
  readonly id: number;
  /** Epoch ms. */
  readonly at: number;
  /** The label of its mark in the timeline; absent without a mark. */
  readonly label?: string;
  readonly sentence: string;
  readonly tone: Tone;
}

/** For as long as something is broken on purpose. */
export interface Disturbance {
  readonly kind: 'endpoint' | 'secret' | 'redis';
  readonly label: string;
  /** Epoch ms. */
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
}

/** The available controls and their states. An absent control is not available. */
export interface Controls {
  readonly quiqup?: {
    readonly policy: 'fresh' | 'revoke' | 'reuse';
    /** In s. */
    readonly lifetime: number;
    readonly endpoint: EndpointMode;
    /** Whether the instances know the client secret. */
    readonly isSecretKnown: boolean;
    /** Calls a second, in all. */
    readonly rate: number;
    readonly highestRate: number;
  };
  readonly redis?: { readonly isRunning: boolean };
  readonly instances?: { readonly canAdd: boolean };
}

/** The update for the page, several times a second. It contains no token and no secret. */
export interface Frame {
  /** Epoch ms. */
  readonly now: number;
  /** The first frame of a connection. The page drops all earlier ones. */
  readonly isFirst: boolean;
  readonly instances: readonly InstanceFrame[];
  /** New and changed ones. */
  readonly episodes: readonly Episode[];
  readonly disturbances: readonly Disturbance[];
  readonly controls: Controls;
  /** The store of the instances. */
  readonly store: 'memory' | 'redis';
  /** How far back the timeline goes, in ms. */
  readonly historyMs: number;
}
