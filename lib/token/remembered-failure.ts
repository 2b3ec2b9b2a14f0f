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
  private isLifted = false;

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
    if (this.isLifted) {
      return -Infinity;
    }
    if (neededAt === undefined) {
      return retryAt(this, false);
    }
    const relaxed = retryAt(this, true);
    // A long pause ends with the token, for then somebody needs the next.
    return relaxed <= neededAt ? relaxed : Math.max(neededAt, retryAt(this, false));
  }

  /**
   * Ends the pause after a lasting failure when the client id or secret differ from what was refused. They are asked
   * for at most once a second.
   */
  async liftIfCredentialsChanged(resolve: () => Promise<Credentials>): Promise<void> {
    const now = performance.now();
    const refused = this.#refused;
    if (this.retryable || refused === undefined || now < this.credentialsCheckedAt + CREDENTIALS_CHECK_MS) {
      return;
    }
    this.credentialsCheckedAt = now;
    const current = await resolve().catch(() => refused);
    this.isLifted = current.clientId !== refused.clientId || current.clientSecret !== refused.clientSecret;
  }
}
