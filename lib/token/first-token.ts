import type { QuiqupAuthConfig } from '../config/index.js';
import { AuthEvents } from './auth-events.js';
import { resolveCredentials } from './credentials.js';
import { createTokenClient, TokenEndpoint } from './token-endpoint.js';
import { CLIENT_CREDENTIALS } from './token-grants.js';
import type { TokenResponse } from './token-response.js';

/**
 * Asks for a token that nobody keeps, by the credentials alone.
 *
 * @throws a `QuiqupAuthError` when there is none to be had
 */
export async function requestFirstToken(config: QuiqupAuthConfig): Promise<TokenResponse> {
  const credentials = await resolveCredentials(config);
  const endpoint = new TokenEndpoint(config, new AuthEvents(), createTokenClient(config));
  return endpoint.request(CLIENT_CREDENTIALS, credentials, new AbortController().signal);
}
