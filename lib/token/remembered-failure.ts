import { randomUUID } from 'node:crypto';
import { QuiqupTokenEndpointError, type QuiqupAuthError } from '../errors/index.js';
import type { StoredRecord, StoredRecords } from '../store/index.js';
import { retryAt, type FailedAttempt } from './backoff.js';
import type { Credentials } from './credentials.js';
import { errorOf } from './shared-failure.js';

/** How often, after a lasting failure, the credentials are asked for again to see whether they have changed. */
const CREDENTIALS_CHECK_MS = 1_000;

/** What tells a failure from others and makes every instance pause equally long after it. */
interface FailureMark {
  readonly id: string;
  readonly attempt: number;
  readonly draw: number;
  /** Monotonic ms. */
  readonly failedAt: number;
}

/** The last failure of the token endpoint, this instance's or another's, until it answers with a token again. */
export class RememberedFailure implements FailedAttempt {
  readonly id: string;
  readonly attempt: number;
  readonly draw: number;
  readonly failedAt: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly #refused: Credentials | undefined;
  private credentialsCheckedAt = -Infinity;
  private isLifted = false;

  private constructor(
    readonly error: QuiqupAuthError,
    refused: Credentials | undefined,
    { id, attempt, draw, failedAt }: FailureMark,
  ) {
    this.id = id;
    this.attempt = attempt;
    this.draw = draw;
    this.failedAt = failedAt;
    this.retryable = error.retryable;
    this.retryAfterMs = error instanceof QuiqupTokenEndpointError ? error.retryAfterMs : undefined;
    this.#refused = refused;
  }

  /**
   * A failure that just happened.
   *
   * @param refused the credentials of the request that failed, if it came so far
   * @param before the failure right before this one
   */
  static now(
    error: QuiqupAuthError,
    refused: Credentials | undefined,
    before: RememberedFailure | undefined,
  ): RememberedFailure {
    return new RememberedFailure(error, refused, {
      id: randomUUID(),
      // A lasting failure after passing ones is the first of its kind.
      attempt: before?.retryable === error.retryable ? before.attempt + 1 : 1,
      draw: Math.random(),
      failedAt: performance.now(),
    });
  }

  /** A failure of an instance with the same credentials. */
  static shared({ record, writtenAt }: StoredRecord<'failure'>, credentials: Credentials): RememberedFailure {
    return new RememberedFailure(errorOf(record), credentials, { ...record, failedAt: writtenAt });
  }

  /** For others to pause as this instance does; `undefined` when it says nothing about the token endpoint. */
  toRecord(): StoredRecords['failure'] | undefined {
    const { id, attempt, draw, error } = this;
    if (!(error instanceof QuiqupTokenEndpointError)) {
      return undefined;
    }
    const { code, message, status, oauthError, quiqupCode, retryAfterMs } = error;
    return { id, attempt, draw, code, message, status, oauthError, quiqupCode, retryAfterMs };
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
