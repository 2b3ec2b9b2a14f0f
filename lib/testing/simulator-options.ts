import type { SimulatedCall } from './simulated-calls.js';
import type { QuiqupSimulatorClient } from './simulated-clients.js';
import type { QuiqupSimulatorTokenErrors } from './simulated-errors.js';
import type { QuiqupSimulatorTokenFormat } from './simulated-token-formats.js';
import type { QuiqupSimulatorPolicy } from './simulated-tokens.js';

/** Options of {@link QuiqupSimulator}. */
export interface QuiqupSimulatorOptions {
  /** What a token request brings while a good token exists. Default `'fresh'`. */
  readonly policy?: QuiqupSimulatorPolicy | undefined;
  /** Life of a new token in seconds, fractions allowed; `Infinity` leaves `expires_in` out. Default 3600. */
  readonly lifetime?: number | undefined;
  /** What new tokens look like. Default `'hex'`. */
  readonly tokenFormat?: QuiqupSimulatorTokenFormat | undefined;
  /** The shape of the token endpoint's errors. Default `'oauth'`. */
  readonly tokenErrors?: QuiqupSimulatorTokenErrors | undefined;
  /** At least one. Default `{ clientId: 'simulated-client', clientSecret: 'simulated-secret' }` alone. */
  readonly clients?: readonly QuiqupSimulatorClient[] | undefined;
  /** Of the platform. Default 0: any free one. */
  readonly port?: number | undefined;
  /** Of the last mile. Default 0: any free one. */
  readonly lastMilePort?: number | undefined;
  /** Wait before each answer of the token endpoint, in ms. Default 0. */
  readonly latency?: number | undefined;
  /** How far the wall clock is ahead, in seconds; negative if it is behind. Default 0. */
  readonly clockOffset?: number | undefined;
  /** Whether token answers carry a `refresh_token`, good once. Default false. */
  readonly refreshTokens?: boolean | undefined;
  /**
   * Called once a request, when its response was sent or its connection ended; the call's `status` is 0 if it got none.
   * An error that it throws is an uncaught exception. Default none.
   */
  readonly onCall?: ((call: SimulatedCall) => void) | undefined;
}
