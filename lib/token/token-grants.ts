import { QuiqupTokenEndpointError } from '../errors/index.js';
import type { QuiqupGrantType } from './quiqup-auth-event.js';

/** How the next token is requested. */
export interface TokenGrant {
  readonly grantType: QuiqupGrantType;
  /** With the grant type of its name. */
  readonly refreshToken?: string;
}

export const CLIENT_CREDENTIALS: TokenGrant = { grantType: 'client_credentials' };

/**
 * Remembers the refresh token, if the endpoint gives one: RFC 6749 section 4.4.3 says that it should not with client
 * credentials, but Quiqup's has the grant. It never leaves this process's memory.
 */
export class TokenGrants {
  #refresh: { readonly clientId: string; readonly grant: TokenGrant } | undefined;
  private isGivenUp = false;

  /** For a token of this client. */
  next(clientId: string): TokenGrant {
    return this.#refresh?.clientId === clientId ? this.#refresh.grant : CLIENT_CREDENTIALS;
  }

  /** A response to `grant` came; a refresh token without a successor stays good (RFC 6749 section 6). */
  keep(grant: TokenGrant, clientId: string, refreshToken: string | undefined): void {
    const next = refreshToken ?? grant.refreshToken;
    this.#refresh =
      next === undefined || this.isGivenUp
        ? undefined
        : { clientId, grant: { grantType: 'refresh_token', refreshToken: next } };
  }

  /**
   * Whether to ask once more, with the client credentials: a refused refresh token is given up, and with it the grant.
   * Only the client itself being refused says nothing about it.
   */
  fallsBack(grant: TokenGrant, error: unknown): boolean {
    const isRefusal =
      grant.refreshToken !== undefined &&
      error instanceof QuiqupTokenEndpointError &&
      !error.retryable &&
      error.oauthError !== 'invalid_client';
    if (isRefusal) {
      this.isGivenUp = true;
      this.#refresh = undefined;
    }
    return isRefusal;
  }
}
