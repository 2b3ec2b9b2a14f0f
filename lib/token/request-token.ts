import type { QuiqupAuthConfig } from '../config/index.js';
import { AuthEvents } from './auth-events.js';
import { resolveCredentials } from './credentials.js';
import { createTokenClient } from './token-client.js';
import { TokenEndpoint } from './token-endpoint.js';
import type { TokenResponse } from './token-response.js';

/**
 * Requests a token without keeping it.
 *
 * @throws a `QuiqupAuthError` if no token can be issued
 */
export async function requestToken(config: QuiqupAuthConfig): Promise<TokenResponse> {
  const credentials = await resolveCredentials(config);
  const client = createTokenClient(config);
  try {
    const endpoint = new TokenEndpoint(config, new AuthEvents(), client);
    return await endpoint.request(credentials, new AbortController().signal);
  } finally {
    client.close();
  }
}
