import type { SimulatedCall } from './simulated-calls.js';
import type { QuiqupSimulatorClient } from './simulated-clients.js';
import type { QuiqupSimulatorTokenErrors } from './simulated-errors.js';
import type { QuiqupSimulatorTokenFormat } from './simulated-token-formats.js';
import type { QuiqupSimulatorPolicy } from './simulated-tokens.js';

/** Options of {@link QuiqupSimulator}. */
export interface QuiqupSimulatorOptions {
  /** What a token request returns while a good token exists. Default `'fresh'`. */
  readonly policy?: QuiqupSimulatorPolicy | undefined;
  /** Lifetime of a new token in seconds, fractions allowed; `Infinity` omits `expires_in`. Default 3600. */
  readonly lifetime?: number | undefined;
  /** The format of new tokens. Default `'hex'`. */
  readonly tokenFormat?: QuiqupSimulatorTokenFormat | undefined;
  /** The shape of the token endpoint's errors. Default `'oauth'`. */
  readonly tokenErrors?: QuiqupSimulatorTokenErrors | undefined;
  /** The clients, at least one. Default `{ clientId: 'simulated-client', clientSecret: 'simulated-secret' }` alone. */
  readonly clients?: readonly QuiqupSimulatorClient[] | undefined;
  /** Port of the platform. Default 0: any free one. */
  readonly port?: number | undefined;
  /** Port of the last mile. Default 0: any free one. */
  readonly lastMilePort?: number | undefined;
  /** Delay before each response of the token endpoint, in ms. Default 0. */
  readonly latency?: number | undefined;
  /** How far the wall clock is ahead, in seconds; negative if it is behind. Default 0. */
  readonly clockOffset?: number | undefined;
  /** Whether token responses contain a `refresh_token`, valid once. Default false. */
  readonly refreshTokens?: boolean | undefined;
  /**
   * Called once per request, after its response was sent or its connection ended. `status` is 0 if there was no response.
   * If it throws, the error is an uncaught exception. Default none.
   */
  readonly onCall?: ((call: SimulatedCall) => void) | undefined;
}
