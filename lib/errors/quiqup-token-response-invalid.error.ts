import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * The token endpoint answered with something that is not a token response (RFC 6749 section 5.1): HTML, an empty,
 * truncated or oversized body, a missing `access_token`, an impossible `expires_in`. The answer is not quoted.
 */
export class QuiqupTokenResponseInvalidError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_TOKEN_RESPONSE_INVALID';
  readonly retryable = true;
}
