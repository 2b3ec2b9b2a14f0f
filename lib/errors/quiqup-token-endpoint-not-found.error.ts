import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * There is no token endpoint at this address: the response is 404, `not_found` or a redirect. The module follows no
 * redirect, because it would send the secret elsewhere. Check `environment` or `baseUrl`, including its path prefix.
 */
export class QuiqupTokenEndpointNotFoundError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupTokenEndpointNotFoundError';
  readonly code = 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND';
  readonly retryable = false;
}
