import { QuiqupAuthError } from './quiqup-auth.error.js';

/** What is known of a failed token request. */
export interface QuiqupTokenEndpointErrorDetails {
  /** HTTP status of the answer; absent when none came. */
  readonly status?: number | undefined;
  /** The `error` field of the answer (RFC 6749 section 5.2). */
  readonly oauthError?: string | undefined;
  /** How long Quiqup asked to wait before the next token request, in ms. */
  readonly retryAfterMs?: number | undefined;
}

/** What every failure of the token endpoint, `POST /oauth/token`, is. */
export abstract class QuiqupTokenEndpointError extends QuiqupAuthError implements QuiqupTokenEndpointErrorDetails {
  readonly status: number | undefined;
  readonly oauthError: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: QuiqupTokenEndpointErrorDetails = {}) {
    super(message);
    this.status = details.status;
    this.oauthError = details.oauthError;
    this.retryAfterMs = details.retryAfterMs;
  }
}
