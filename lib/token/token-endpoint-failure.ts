import {
  QuiqupCredentialsRefusedError,
  QuiqupRateLimitedError,
  QuiqupTokenEndpointNotFoundError,
  QuiqupTokenEndpointUnavailableError,
  QuiqupTokenRequestRefusedError,
  QuiqupTokenResponseInvalidError,
  type QuiqupTokenEndpointError,
} from '../errors/index.js';

/** An answer of the token endpoint that brought no token. */
export interface RefusedAnswer {
  readonly status: number;
  /** The `error` of its body, where it could be read. */
  readonly oauthError: string | undefined;
  /** The `error_description`, fit to be shown. */
  readonly description: string | undefined;
  readonly retryAfterMs: number | undefined;
}

type FailureKind = 'credentials' | 'request' | 'not-found' | 'rate' | 'unavailable' | 'invalid';

/** RFC 6749 section 5.2, and what servers of this kind add. */
const KIND_OF_OAUTH_ERROR: ReadonlyMap<string, FailureKind> = new Map([
  ['temporarily_unavailable', 'unavailable'],
  ['server_error', 'unavailable'],
  ['invalid_token_reuse', 'unavailable'],
  ['invalid_client', 'credentials'],
  ['unauthorized_client', 'credentials'],
  ['unsupported_grant_type', 'request'],
  ['invalid_scope', 'request'],
  ['invalid_request', 'request'],
  // The answer to a refresh token; with client credentials it can only be a defect of the request.
  ['invalid_grant', 'request'],
]);

export function isKnownOAuthError(code: string): boolean {
  return KIND_OF_OAUTH_ERROR.has(code);
}

/** Status 408, 429 and 5xx first, for a gateway's word is about itself; then the body's `error`; then the status. */
function kindOf({ status, oauthError }: RefusedAnswer): FailureKind {
  if (status === 429) {
    return 'rate';
  }
  if (status === 408 || status >= 500) {
    return 'unavailable';
  }
  const byBody = oauthError === undefined ? undefined : KIND_OF_OAUTH_ERROR.get(oauthError);
  if (byBody !== undefined) {
    return byBody;
  }
  if (status === 401) {
    return 'credentials';
  }
  if (status === 400) {
    return 'request';
  }
  return status === 404 || (status >= 300 && status < 400) ? 'not-found' : 'invalid';
}

function quote(answer: RefusedAnswer): string {
  const { status, oauthError, description } = answer;
  const error = oauthError === undefined ? '' : ` ${oauthError}`;
  return `${status}${error}${description === undefined ? '' : `: ${description}`}`;
}

/** The typed error for an answer without a token. */
export function failureOf(answer: RefusedAnswer): QuiqupTokenEndpointError {
  const said = quote(answer);
  switch (kindOf(answer)) {
    case 'rate':
      return new QuiqupRateLimitedError(
        `The token endpoint limits this client's requests (${said}). They are repeated with growing pauses; if this ` +
          'goes on, look for other processes that use the same client without sharing the token.',
        answer,
      );
    case 'unavailable':
      return new QuiqupTokenEndpointUnavailableError(
        `The token endpoint is not able to answer at present (${said}). The request is repeated with growing pauses.`,
        answer,
      );
    case 'credentials':
      return new QuiqupCredentialsRefusedError(
        `Quiqup refused the client id and secret (${said}). Check both, and that they belong to this environment: ` +
          'staging and production have different ones.',
        answer,
      );
    case 'request':
      return new QuiqupTokenRequestRefusedError(
        `Quiqup refused the token request itself (${said}). Check that baseUrl leads to Quiqup and that no gateway ` +
          'or proxy alters the request.',
        answer,
      );
    case 'not-found':
      return new QuiqupTokenEndpointNotFoundError(
        `There is no token endpoint at this address (${said}). Check environment or baseUrl, its path prefix included.`,
        answer,
      );
    case 'invalid':
      return new QuiqupTokenResponseInvalidError(
        `The token endpoint's answer could not be understood (${said}). Check that baseUrl leads to Quiqup and not ` +
          'to a gateway or log-in page.',
        answer,
      );
  }
}
