const FIRST_MS = 500;
const CAP_WITHOUT_TOKEN_MS = 5_000;
const CAP_WITH_TOKEN_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 60_000;
const FIRST_PERMANENT_MS = 30_000;
const CAP_PERMANENT_MS = 5 * 60_000;

/** The part of a token endpoint failure that decides the pause after it. */
export interface FailedAttempt {
  /** How many attempts have failed in a row, this one included. */
  readonly attempt: number;
  /** Monotonic ms. */
  readonly failedAt: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  /** From 0 to below 1, drawn once for this failure. */
  readonly draw: number;
}

/**
 * When the next token request is allowed, in monotonic ms. Transient failures: 0.5 s doubling, half of it fixed and half
 * random, at most 5 s without a usable token and 60 s with one, with `Retry-After` (RFC 9110 section
 * 10.2.3) as a minimum. Permanent failures: 30 s doubling to 5 min, so that load does not lock the client out.
 */
export function retryAt(failed: FailedAttempt, hasUsableToken: boolean): number {
  const doubled = 2 ** Math.min(failed.attempt - 1, 16);
  if (!failed.retryable) {
    return failed.failedAt + Math.min(FIRST_PERMANENT_MS * doubled, CAP_PERMANENT_MS);
  }
  const longest = Math.min(FIRST_MS * doubled, hasUsableToken ? CAP_WITH_TOKEN_MS : CAP_WITHOUT_TOKEN_MS);
  const drawn = longest / 2 + (longest / 2) * failed.draw;
  return failed.failedAt + Math.max(drawn, Math.min(failed.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
}
