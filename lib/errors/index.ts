export { QuiqupAccountUnknownError } from './quiqup-account-unknown.error.js';
export { QuiqupAuthError, type QuiqupAuthErrorCode } from './quiqup-auth.error.js';
export { QuiqupConfigError, type QuiqupConfigProblem } from './quiqup-config.error.js';
export { QuiqupCredentialsRefusedError } from './quiqup-credentials-refused.error.js';
export { QuiqupCredentialsUnavailableError } from './quiqup-credentials-unavailable.error.js';
export { QuiqupRateLimitedError } from './quiqup-rate-limited.error.js';
export { QuiqupShutDownError } from './quiqup-shut-down.error.js';
export { QuiqupTokenEndpointError, type QuiqupTokenEndpointErrorDetails } from './quiqup-token-endpoint.error.js';
export { QuiqupTokenEndpointNotFoundError } from './quiqup-token-endpoint-not-found.error.js';
export { QuiqupTokenEndpointUnavailableError } from './quiqup-token-endpoint-unavailable.error.js';
export { QuiqupTokenEndpointUnreachableError } from './quiqup-token-endpoint-unreachable.error.js';
export { QuiqupTokenRequestRefusedError } from './quiqup-token-request-refused.error.js';
export { QuiqupTokenRequestTimeoutError } from './quiqup-token-request-timeout.error.js';
export { QuiqupTokenResponseInvalidError } from './quiqup-token-response-invalid.error.js';
export { QuiqupTokenWaitTimeoutError } from './quiqup-token-wait-timeout.error.js';
export {
  tokenEndpointErrorData,
  tokenEndpointErrorFrom,
  type TokenEndpointErrorData,
} from './token-endpoint-errors.js';
