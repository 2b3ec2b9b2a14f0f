import type { EndpointFaultName } from '../quiqup/endpoint-faults.js';
import type { ReusePolicy } from '../quiqup/issued-tokens.js';
import type { AfterPartition, LatencyRange } from '../redis/network.js';
import type { RedisMode, RestartedWith } from '../redis/redis-server.js';

/**
 * Whose cache it is: the module's own connection; one that the application passed, which reconnects by itself and keeps
 * commands meanwhile; the same with an adapter that hides its errors; or the memory of the process.
 */
export type CacheKind = 'own' | 'given' | 'given, hiding errors' | 'memory';

export interface InstancePlan {
  readonly name: string;
  readonly startAt: number;
  /** The ordered end: no renewal ahead of time from `drainAt`, closed at `stopAt`. */
  readonly drainAt?: number;
  readonly stopAt?: number;
  /** The other end. */
  readonly killAt?: number;
  readonly wallOffsetMs: number;
  readonly rate: number;
  /** When it learns of the next secret, for each rotation. */
  readonly secretsAt: readonly number[];
}

export type CallKind = 'get' | 'post' | 'one-shot' | 'forbidden' | 'by hand' | 'refresh' | 'aborted';

export interface CallPlan {
  readonly id: string;
  readonly at: number;
  readonly instance: string;
  readonly kind: CallKind;
}

export type Fault =
  | {
      readonly kind: 'redis';
      readonly mode: Exclude<RedisMode, 'up'>;
      readonly at: number;
      readonly ms: number;
      readonly restartedWith: RestartedWith;
    }
  | { readonly kind: 'snapshot'; readonly at: number }
  | {
      readonly kind: 'partition';
      readonly instance: string;
      readonly at: number;
      readonly ms: number;
      readonly after: AfterPartition;
    }
  | { readonly kind: 'idle death'; readonly instance: string; readonly at: number; readonly isSilent: boolean }
  | {
      readonly kind: 'endpoint';
      readonly name: EndpointFaultName;
      /** The one instance that it strikes, as the way from there is broken. */
      readonly only?: string;
      readonly at: number;
      readonly ms: number;
      readonly retryAfterS: number;
    }
  | { readonly kind: 'revoke'; readonly which: 'current' | 'all'; readonly at: number }
  | { readonly kind: 'wall jump'; readonly instance: string; readonly at: number; readonly byMs: number }
  | { readonly kind: 'sleep' | 'freeze'; readonly instance: string; readonly at: number; readonly ms: number }
  /** The next instance that asks the token endpoint stands still from then on, with the lock in hand. */
  | { readonly kind: 'freeze asker'; readonly at: number; readonly ms: number }
  | { readonly kind: 'secret'; readonly at: number; readonly overlapMs: number };

/** One run, as data: it is made of a seed, printed, shrunk and replayed. */
export interface Scenario {
  readonly seed: number;
  readonly className: string;
  readonly policy: ReusePolicy;
  readonly lifetimeMs: number;
  readonly cache: CacheKind;
  readonly hasSealingKey: boolean;
  readonly redisLatency: LatencyRange;
  readonly quiqupLatency: LatencyRange;
  readonly instances: readonly InstancePlan[];
  readonly calls: readonly CallPlan[];
  readonly faults: readonly Fault[];
  /** From this time on there is no fault. Consequences may last until `endsAt`. */
  readonly calmFrom: number;
  readonly endsAt: number;
}
