import { QuiqupTokenEndpointError } from '../errors/index.js';
import type { QuiqupGrantType } from './quiqup-auth-event.js';

/** How the next token is requested. */
export interface TokenGrant {
  readonly grantType: QuiqupGrantType;
  /** Present for the grant type `refresh_token`. */
  readonly refreshToken?: string;
}

export const CLIENT_CREDENTIALS: TokenGrant = { grantType: 'client_credentials' };

/**
 * Remembers the refresh token, if the endpoint issues one. By RFC 6749 section 4.4.3 it should not for client
 * credentials, but Quiqup documents the grant. The refresh token never leaves this process's memory.
 */
export class TokenGrants {
  #refresh: { readonly clientId: string; readonly grant: TokenGrant } | undefined;
  private isGivenUp = false;

  /** The grant for the next token of this client. */
  next(clientId: string): TokenGrant {
    return this.#refresh?.clientId === clientId ? this.#refresh.grant : CLIENT_CREDENTIALS;
  }

  /** Keeps the refresh token of a response to `grant`. Without a new one the former stays valid (RFC 6749 section 6). */
  keep(grant: TokenGrant, clientId: string, refreshToken: string | undefined): void {
    const next = refreshToken ?? grant.refreshToken;
    this.#refresh =
      next === undefined || this.isGivenUp
        ? undefined
        : { clientId, grant: { grantType: 'refresh_token', refreshToken: next } };
  }

  /**
   * Whether to send another request, with the client credentials. A refused refresh token is dropped.
   * If the client itself is refused, the refresh token stays.
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
