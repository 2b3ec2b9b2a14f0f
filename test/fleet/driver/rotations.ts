import type { Figures } from './commands.js';

/** The earliest that a token is renewed, as a fraction of its life: `ahead` and `jitter` of the options. */
const EARLIEST_RENEWAL = 0.75;

/** How many tokens one instance alone would have asked for, the first one included, if it renewed as early as it may. */
export function mostRotations({ sinceFirstRequestMs }: Figures, lifetimeS: number): number {
  return 1 + Math.floor(sinceFirstRequestMs / (lifetimeS * 1_000 * EARLIEST_RENEWAL));
}
