import type { QuiqupAuthError } from '../errors/index.js';
import { retryAt, type FailedAttempt } from './backoff.js';
import type { Credentials } from './credentials.js';

/** How often, after a lasting failure, the credentials are asked for again to see whether they have changed. */
const CREDENTIALS_CHECK_MS = 1_000;

/** The last failure of the token endpoint, until it answers with a token again. */
export class RememberedFailure implements FailedAttempt {
  readonly failedAt = performance.now();
  readonly draw = Math.random();
  readonly attempt: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly #refused: Credentials | undefined;
  private credentialsCheckedAt = -Infinity;

  /**
   * @param refused the credentials of the request that failed, if it came so far
   * @param before the failure right before this one
   */
  constructor(
    readonly error: QuiqupAuthError,
    refused: Credentials | undefined,
    before: RememberedFailure | undefined,
  ) {
    // A lasting failure after passing ones is the first of its kind.
    this.attempt = before?.retryable === error.retryable ? before.attempt + 1 : 1;
    this.retryable = error.retryable;
    this.retryAfterMs = (error as { retryAfterMs?: number }).retryAfterMs;
    this.#refused = refused;
  }

  /**
   * When the endpoint may be asked again, in monotonic ms.
   *
   * @param neededAt when the usable token in hand ends; `undefined` when there is none
   */
  retryAt(neededAt: number | undefined): number {
    if (neededAt === undefined) {
      return retryAt(this, false);
    }
    const relaxed = retryAt(this, true);
    // A long pause ends with the token, for then somebody needs the next.
    return relaxed <= neededAt ? relaxed : Math.max(neededAt, retryAt(this, false));
  }

  /**
   * Whether the client id or secret differ from what was refused, for then asking again makes sense at once. They are
   * asked for at most once a second.
   */
  async haveCredentialsChanged(resolve: () => Promise<Credentials>): Promise<boolean> {
    const now = performance.now();
    if (this.#refused === undefined || now < this.credentialsCheckedAt + CREDENTIALS_CHECK_MS) {
      return false;
    }
    this.credentialsCheckedAt = now;
    const { clientId, clientSecret } = await resolve();
    return clientId !== this.#refused.clientId || clientSecret !== this.#refused.clientSecret;
  }
}
