import type { Observation } from './observation.js';

/** The messages of the dashboard's process to an instance. */
export type ToInstance =
  | { readonly type: 'rate'; readonly perSecond: number }
  | { readonly type: 'secret'; readonly secret: string }
  | { readonly type: 'stop' };

/** The messages of an instance. */
export type FromInstance =
  { readonly type: 'ready' } | { readonly type: 'observation'; readonly observation: Observation };
