import type { QuiqupAuthConfig } from '../config/index.js';
import type { AuthEvents } from './auth-events.js';
import { resolveCredentials } from './credentials.js';
import { createTokenClient, TokenEndpoint } from './token-endpoint.js';
import { TokenGrants } from './token-grants.js';
import type { TokenResponse } from './token-response.js';

/**
 * Asks for a token that nobody keeps, by the credentials alone.
 *
 * @throws a `QuiqupAuthError` when there is none to be had
 */
export async function requestFirstToken(config: QuiqupAuthConfig, events: AuthEvents): Promise<TokenResponse> {
  const credentials = await resolveCredentials(config);
  const endpoint = new TokenEndpoint(config, events, createTokenClient(config));
  return endpoint.request(new TokenGrants().next(credentials.clientId), credentials, new AbortController().signal);
}
