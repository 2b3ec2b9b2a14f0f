import { QuiqupAuthError } from './quiqup-auth.error.js';

/** Details of a failed token request. */
export interface QuiqupTokenEndpointErrorDetails {
  /** HTTP status of the response; absent if none came. */
  readonly status?: number | undefined;
  /** The `error` of a response in OAuth's shape (RFC 6749 section 5.2), such as `invalid_client`. */
  readonly oauthError?: string | undefined;
  /** The `code` of a response in the shape of Quiqup's APIs, such as `unauthenticated`. */
  readonly quiqupCode?: string | undefined;
  /** How long to wait before the next token request, in ms, if Quiqup named a time. */
  readonly retryAfterMs?: number | undefined;
}

/** The base class of every failure of the token endpoint, `POST /oauth/token`. */
export abstract class QuiqupTokenEndpointError extends QuiqupAuthError implements QuiqupTokenEndpointErrorDetails {
  readonly status: number | undefined;
  readonly oauthError: string | undefined;
  readonly quiqupCode: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: QuiqupTokenEndpointErrorDetails = {}) {
    super(message);
    this.status = details.status;
    this.oauthError = details.oauthError;
    this.quiqupCode = details.quiqupCode;
    this.retryAfterMs = details.retryAfterMs;
  }
}
