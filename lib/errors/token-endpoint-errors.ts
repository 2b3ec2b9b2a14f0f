import { QuiqupCredentialsRefusedError } from './quiqup-credentials-refused.error.js';
import { QuiqupRateLimitedError } from './quiqup-rate-limited.error.js';
import { QuiqupTokenEndpointNotFoundError } from './quiqup-token-endpoint-not-found.error.js';
import { QuiqupTokenEndpointUnavailableError } from './quiqup-token-endpoint-unavailable.error.js';
import { QuiqupTokenEndpointUnreachableError } from './quiqup-token-endpoint-unreachable.error.js';
import type { QuiqupTokenEndpointError, QuiqupTokenEndpointErrorDetails } from './quiqup-token-endpoint.error.js';
import { QuiqupTokenRequestRefusedError } from './quiqup-token-request-refused.error.js';
import { QuiqupTokenRequestTimeoutError } from './quiqup-token-request-timeout.error.js';
import { QuiqupTokenResponseInvalidError } from './quiqup-token-response-invalid.error.js';

type TokenEndpointErrorClass = new (
  message: string,
  details?: QuiqupTokenEndpointErrorDetails,
) => QuiqupTokenEndpointError;

/** The errors of the token endpoint by their codes. Instances share an error in this form. */
const CLASSES: ReadonlyMap<string, TokenEndpointErrorClass> = new Map(
  Object.entries({
    QUIQUP_CREDENTIALS_REFUSED: QuiqupCredentialsRefusedError,
    QUIQUP_RATE_LIMITED: QuiqupRateLimitedError,
    QUIQUP_TOKEN_ENDPOINT_NOT_FOUND: QuiqupTokenEndpointNotFoundError,
    QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE: QuiqupTokenEndpointUnavailableError,
    QUIQUP_TOKEN_ENDPOINT_UNREACHABLE: QuiqupTokenEndpointUnreachableError,
    QUIQUP_TOKEN_REQUEST_REFUSED: QuiqupTokenRequestRefusedError,
    QUIQUP_TOKEN_REQUEST_TIMEOUT: QuiqupTokenRequestTimeoutError,
    QUIQUP_TOKEN_RESPONSE_INVALID: QuiqupTokenResponseInvalidError,
  } satisfies Record<string, TokenEndpointErrorClass>),
);

/** An error of the token endpoint as plain data. */
export interface TokenEndpointErrorData extends QuiqupTokenEndpointErrorDetails {
  readonly code: string;
  readonly message: string;
}

/** The error of another instance. A code that this version does not know becomes a retryable error. */
export function tokenEndpointErrorFrom({
  code,
  message,
  ...details
}: TokenEndpointErrorData): QuiqupTokenEndpointError {
  return new (CLASSES.get(code) ?? QuiqupTokenEndpointUnavailableError)(message, details);
}

export function tokenEndpointErrorData(error: QuiqupTokenEndpointError): TokenEndpointErrorData {
  const { code, message, status, oauthError, quiqupCode, retryAfterMs } = error;
  return { code, message, status, oauthError, quiqupCode, retryAfterMs };
}
