import {
  QuiqupCredentialsRefusedError,
  QuiqupRateLimitedError,
  QuiqupTokenEndpointNotFoundError,
  QuiqupTokenEndpointUnavailableError,
  QuiqupTokenRequestRefusedError,
  QuiqupTokenResponseInvalidError,
  type QuiqupTokenEndpointError,
} from '../errors/index.js';

/** A response of the token endpoint without a token. */
export interface RefusedResponse {
  readonly status: number;
  /** The `error` of an OAuth error body. */
  readonly oauthError: string | undefined;
  /** The `code` of a Quiqup API error body. */
  readonly quiqupCode: string | undefined;
  /** The description in the body, without secrets. */
  readonly description: string | undefined;
  readonly retryAfterMs: number | undefined;
}

type FailureKind = 'credentials' | 'not-allowed' | 'request' | 'not-found' | 'rate' | 'unavailable' | 'invalid';

/** The codes of RFC 6749 section 5.2, common additions of servers, and the codes of Quiqup's "Errors" page. */
const KIND_OF_ERROR_CODE: ReadonlyMap<string, FailureKind> = new Map([
  ['temporarily_unavailable', 'unavailable'],
  ['server_error', 'unavailable'],
  ['invalid_token_reuse', 'unavailable'],
  ['invalid_client', 'credentials'],
  ['unauthorized_client', 'not-allowed'],
  ['unsupported_grant_type', 'request'],
  ['invalid_scope', 'request'],
  ['invalid_request', 'request'],
  // Answers a refresh token. With client credentials it can only mean a defect of the request.
  ['invalid_grant', 'request'],
  ['unauthenticated', 'credentials'],
  ['permission_denied', 'not-allowed'],
  ['invalid_argument', 'request'],
  ['failed_precondition', 'request'],
  ['not_found', 'not-found'],
  ['resource_exhausted', 'rate'],
  ['canceled', 'unavailable'],
  ['data_loss', 'unavailable'],
  ['deadline_exceeded', 'unavailable'],
  ['internal', 'unavailable'],
  ['unavailable', 'unavailable'],
  ['unknown', 'unavailable'],
]);

export function isKnownErrorCode(code: string): boolean {
  return KIND_OF_ERROR_CODE.has(code);
}

/** The kind by the status alone: a gateway before Quiqup answers so as well, and its body is about itself. */
function kindOfStatus(status: number): FailureKind | undefined {
  if (status === 429) {
    return 'rate';
  }
  return status === 408 || status === 499 || status >= 500 ? 'unavailable' : undefined;
}

/** The kind of a response whose body is unreadable or has no known code. */
function kindOfBareStatus(status: number): FailureKind {
  if (status === 401) {
    return 'credentials';
  }
  if (status === 400) {
    return 'request';
  }
  return status === 404 || (status >= 300 && status < 400) ? 'not-found' : 'invalid';
}

function kindOf({ status, oauthError, quiqupCode }: RefusedResponse): FailureKind {
  return (
    kindOfStatus(status) ??
    KIND_OF_ERROR_CODE.get(oauthError ?? '') ??
    KIND_OF_ERROR_CODE.get(quiqupCode ?? '') ??
    kindOfBareStatus(status)
  );
}

function quote({ status, oauthError, quiqupCode, description }: RefusedResponse): string {
  const words = [status, oauthError, quiqupCode].filter((word) => word !== undefined).join(' ');
  return description === undefined ? words : `${words}: ${description}`;
}

type Refusal = readonly [
  Class: new (message: string, details: RefusedResponse) => QuiqupTokenEndpointError,
  message: (said: string) => string,
];

const REFUSALS: Readonly<Record<FailureKind, Refusal>> = {
  rate: [
    QuiqupRateLimitedError,
    (said) =>
      `The token endpoint limits this client's requests (${said}). They are repeated with growing pauses; if this ` +
      'goes on, look for other processes that use the same client without sharing the token.',
  ],
  unavailable: [
    QuiqupTokenEndpointUnavailableError,
    (said) => `The token endpoint cannot answer at present (${said}). The request is repeated with growing pauses.`,
  ],
  credentials: [
    QuiqupCredentialsRefusedError,
    (said) =>
      `Quiqup refused the client id and secret (${said}). Check both, and that they belong to this environment: ` +
      'staging and production have different ones.',
  ],
  'not-allowed': [
    QuiqupCredentialsRefusedError,
    (said) =>
      `Quiqup does not allow this client to have a token (${said}). Check that client id and secret belong to this ` +
      'environment, and ask Quiqup what the client may do.',
  ],
  request: [
    QuiqupTokenRequestRefusedError,
    (said) =>
      `Quiqup refused the token request itself (${said}). Check that baseUrl leads to Quiqup and that no gateway or ` +
      'proxy alters the request.',
  ],
  'not-found': [
    QuiqupTokenEndpointNotFoundError,
    (said) =>
      `There is no token endpoint at this address (${said}). Check environment or baseUrl, its path prefix included.`,
  ],
  invalid: [
    QuiqupTokenResponseInvalidError,
    (said) =>
      `The token endpoint's answer could not be understood (${said}). Check that baseUrl leads to Quiqup and not to a ` +
      'gateway or log-in page.',
  ],
};

/** The typed error for a response without a token. */
export function failureOf(response: RefusedResponse): QuiqupTokenEndpointError {
  const [Class, message] = REFUSALS[kindOf(response)];
  return new Class(message(quote(response)), response);
}
