import {
  QuiqupCredentialsRefusedError,
  QuiqupRateLimitedError,
  QuiqupTokenEndpointNotFoundError,
  QuiqupTokenEndpointUnavailableError,
  QuiqupTokenEndpointUnreachableError,
  QuiqupTokenRequestRefusedError,
  QuiqupTokenRequestTimeoutError,
  QuiqupTokenResponseInvalidError,
  type QuiqupAuthErrorCode,
  type QuiqupTokenEndpointError,
  type QuiqupTokenEndpointErrorDetails,
} from '../errors/index.js';
import type { StoredRecords } from '../store/index.js';

type ErrorClass = new (message: string, details?: QuiqupTokenEndpointErrorDetails) => QuiqupTokenEndpointError;

const CLASSES: Partial<Record<QuiqupAuthErrorCode, ErrorClass>> = {
  QUIQUP_CREDENTIALS_REFUSED: QuiqupCredentialsRefusedError,
  QUIQUP_RATE_LIMITED: QuiqupRateLimitedError,
  QUIQUP_TOKEN_ENDPOINT_NOT_FOUND: QuiqupTokenEndpointNotFoundError,
  QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE: QuiqupTokenEndpointUnavailableError,
  QUIQUP_TOKEN_ENDPOINT_UNREACHABLE: QuiqupTokenEndpointUnreachableError,
  QUIQUP_TOKEN_REQUEST_REFUSED: QuiqupTokenRequestRefusedError,
  QUIQUP_TOKEN_REQUEST_TIMEOUT: QuiqupTokenRequestTimeoutError,
  QUIQUP_TOKEN_RESPONSE_INVALID: QuiqupTokenResponseInvalidError,
};

/** The error that another instance met; of one that this version does not know, what can be said of any. */
export function errorOf({ code, message, ...details }: StoredRecords['failure']): QuiqupTokenEndpointError {
  return new (CLASSES[code as QuiqupAuthErrorCode] ?? QuiqupTokenEndpointUnavailableError)(message, details);
}
