import { QuiqupTokenEndpointError } from './quiqup-token-endpoint.error.js';

/**
 * No response came: the connection was refused, reset or never made (DNS, TLS, proxy, firewall).
 */
export class QuiqupTokenEndpointUnreachableError extends QuiqupTokenEndpointError {
  override readonly name: string = 'QuiqupTokenEndpointUnreachableError';
  readonly code = 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE';
  readonly retryable = true;
}
