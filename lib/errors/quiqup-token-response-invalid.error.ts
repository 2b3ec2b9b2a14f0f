import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * The response of the token endpoint is not a token response (RFC 6749 section 5.1): HTML, an empty, truncated or
 * oversized body, a missing `access_token`, an impossible `expires_in`. The error does not quote it.
 */
export class QuiqupTokenResponseInvalidError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupTokenResponseInvalidError';
  readonly code = 'QUIQUP_TOKEN_RESPONSE_INVALID';
  readonly retryable = true;
}
