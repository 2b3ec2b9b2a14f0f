import { QuiqupTokenEndpointError, tokenEndpointErrorFrom, type QuiqupAuthError } from '../errors/index.js';
import type { StoredRecord } from '../store/index.js';
import type { Random } from '../time/index.js';
import { retryAt, type FailedAttempt } from './backoff.js';
import type { Credentials } from './credentials.js';

/** Identifies a failure, and lets every instance work out the same pause after it. */
interface FailureMark {
  readonly id: string;
  readonly attempt: number;
  readonly draw: number;
  /** Monotonic ms. */
  readonly failedAt: number;
}

/** A failure to get a token, by this instance or by another one (found in the store). */
export class TokenFailure implements FailedAttempt {
  readonly id: string;
  readonly attempt: number;
  readonly draw: number;
  readonly failedAt: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly #refused: Credentials | undefined;

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
   * A failure that happened just now.
   *
   * @param refused the credentials of the failed request, if one was sent
   * @param before the failure right before this one
   */
  static at(
    failedAt: number,
    error: QuiqupAuthError,
    {
      refused,
      before,
      random,
    }: { refused?: Credentials | undefined; before: TokenFailure | undefined; random: Random },
  ): TokenFailure {
    return new TokenFailure(error, refused, {
      id: random.id(),
      // A permanent failure after transient ones is the first of its kind.
      attempt: before?.retryable === error.retryable ? before.attempt + 1 : 1,
      draw: random.next(),
      failedAt,
    });
  }

  /** A failure of an instance with the same credentials. */
  static shared({ record, writtenAt }: StoredRecord<'failure'>, credentials: Credentials): TokenFailure {
    const { id, attempt, draw, ...error } = record;
    return new TokenFailure(tokenEndpointErrorFrom(error), credentials, { id, attempt, draw, failedAt: writtenAt });
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
    // A long pause ends with the token, because calls then need the next one.
    return relaxed <= neededAt ? relaxed : Math.max(neededAt, retryAt(this, false));
  }

  /** Whether the failure needs other credentials and these are other ones. */
  refusedOthersThan({ clientId, clientSecret }: Credentials): boolean {
    const refused = this.#refused;
    return refused !== undefined && (clientId !== refused.clientId || clientSecret !== refused.clientSecret);
  }
}
