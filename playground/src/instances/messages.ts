import type { Observation } from './observation.js';

/** What the dashboard's process sends to an instance. */
export type ToInstance =
  | { readonly type: 'rate'; readonly perSecond: number }
  | { readonly type: 'secret'; readonly secret: string }
  | { readonly type: 'stop' };

/** What an instance sends back. */
export type FromInstance =
  { readonly type: 'ready' } | { readonly type: 'observation'; readonly observation: Observation };
