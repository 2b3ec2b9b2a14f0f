import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * There is no token endpoint at this address: it answered 404, `not_found` or a redirect, which is not followed because it would
 * carry the secret elsewhere. Check `environment` or `baseUrl`, its path prefix included.
 */
export class QuiqupTokenEndpointNotFoundError extends QuiqupTokenEndpointError {
  readonly code = 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND';
  readonly retryable = false;
}
