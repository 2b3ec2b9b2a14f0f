import axios, { type AxiosResponse } from 'axios';
import type { QuiqupSharedConfig } from '../config/index.js';
import {
  QuiqupAuthError,
  QuiqupShutDownError,
  QuiqupTokenEndpointError,
  QuiqupTokenEndpointUnreachableError,
  QuiqupTokenRequestTimeoutError,
  QuiqupTokenResponseInvalidError,
  type QuiqupAuthErrorCode,
} from '../errors/index.js';
import { afterDeadline, ioClock, systemClock, type Clock } from '../time/index.js';
import type { AuthEvents } from './auth-events.js';
import type { Credentials } from './credentials.js';
import { readTokenResponse } from './read-token-response.js';
import type { TokenClient } from './token-client.js';
import { CLIENT_CREDENTIALS, TokenGrants, type TokenGrant } from './token-grants.js';
import type { TokenResponse } from './token-response.js';

/** The form of Node's and axios' error codes. An application's own adapter may set anything as `code`. */
const ERROR_CODE = /^[A-Z][A-Z_\d]{2,39}$/;

export interface TokenEndpointClocks {
  readonly clock: Clock;
  /** The clock of the request's deadline. */
  readonly ioClock: Clock;
}

interface TokenRequest {
  readonly grant: TokenGrant;
  readonly credentials: Credentials;
  /** What no error may show. */
  readonly secrets: readonly string[];
  /** When the request times out, in monotonic ms of the I/O clock. */
  readonly endsAt: number;
}

/** `POST oauth/token` (RFC 6749 section 4.4; Quiqup Authentication API 1.0.0). */
export class TokenEndpoint {
  private readonly url: string;
  private readonly timeoutMs: number;
  private readonly grants = new TokenGrants();

  /**
   * @param client from `createTokenClient`; several accounts may share one
   */
  constructor(
    config: QuiqupSharedConfig,
    private readonly events: AuthEvents,
    private readonly client: TokenClient,
    private readonly clocks: TokenEndpointClocks = { clock: systemClock, ioClock },
  ) {
    this.url = config.tokenUrl;
    this.timeoutMs = config.timeouts.tokenRequest;
  }

  /**
   * Requests a token with the refresh token in hand, if there is one, and with the client credentials if that is
   * refused.
   *
   * @param closing ends the request when the application shuts down
   * @throws a {@link QuiqupTokenEndpointError} for every response without a token
   */
  async request(credentials: Credentials, closing: AbortSignal): Promise<TokenResponse> {
    const grant = this.grants.next(credentials.clientId);
    const secrets = secretsOf(grant, credentials);
    // One limit for both requests, or they would outlive the lock that guards them.
    const endsAt = this.clocks.ioClock.now() + this.timeoutMs;
    try {
      return await this.requestBy({ grant, credentials, secrets, endsAt }, closing);
    } catch (error) {
      if (!this.grants.fallsBack(grant, error)) {
        throw error;
      }
      // The response may still quote the refresh token that was refused.
      return this.requestBy({ grant: CLIENT_CREDENTIALS, credentials, secrets, endsAt }, closing);
    }
  }

  private async requestBy(
    { grant, credentials, secrets, endsAt }: TokenRequest,
    closing: AbortSignal,
  ): Promise<TokenResponse> {
    const { clock } = this.clocks;
    const startedAt = clock.now();
    const report = (outcome: 'success' | QuiqupAuthErrorCode, status: number | undefined): void =>
      this.events.emit({
        type: 'token-request',
        grantType: grant.grantType,
        outcome,
        status,
        durationMs: clock.now() - startedAt,
      });
    try {
      const received = await this.send(bodyOf(grant, credentials), endsAt, closing);
      const response = readTokenResponse(received, secrets, clock.wallNow());
      report('success', received.status);
      this.grants.keep(grant, credentials.clientId, response.refreshToken);
      return response;
    } catch (error) {
      if (error instanceof QuiqupAuthError) {
        report(error.code, error instanceof QuiqupTokenEndpointError ? error.status : undefined);
      }
      throw error;
    }
  }

  private async send(body: string, endsAt: number, closing: AbortSignal): Promise<AxiosResponse<unknown>> {
    const { ioClock: deadlines } = this.clocks;
    const request = new AbortController();
    const abort = (): void => request.abort();
    let isTimedOut = false;
    // A deadline for the whole exchange: axios' own timeout restarts with every byte of a slow response.
    const cancelTimer = afterDeadline(Math.max(0, endsAt - deadlines.now()), deadlines, () => {
      isTimedOut = true;
      abort();
    });
    closing.addEventListener('abort', abort);
    try {
      closing.throwIfAborted();
      return await this.client.send({ method: 'POST', url: this.url, body, signal: request.signal });
    } catch (error) {
      // Never as the cause: an axios error holds the request's body with the secret.
      if (closing.aborted) {
        throw new QuiqupShutDownError('The application shut down while a token was being fetched.');
      }
      throw isTimedOut ? timedOut(this.timeoutMs) : failedToSend(error);
    } finally {
      cancelTimer();
      closing.removeEventListener('abort', abort);
    }
  }
}

function bodyOf({ grantType, refreshToken }: TokenGrant, { clientId, clientSecret }: Credentials): string {
  return JSON.stringify({
    grant_type: grantType,
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  });
}

function secretsOf({ refreshToken }: TokenGrant, { clientId, clientSecret }: Credentials): readonly string[] {
  return [clientId, clientSecret, ...(refreshToken === undefined ? [] : [refreshToken])];
}

function timedOut(timeoutMs: number): QuiqupTokenRequestTimeoutError {
  return new QuiqupTokenRequestTimeoutError(
    `The token endpoint did not answer completely within ${timeoutMs} ms. Check the way to Quiqup, or raise ` +
      'timeouts.tokenRequest.',
  );
}

/** The application's own adapter may throw anything. */
function failedToSend(error: unknown): QuiqupTokenEndpointError {
  const code: unknown = axios.isAxiosError(error) ? error.code : undefined;
  if (code === 'ERR_BAD_RESPONSE') {
    return new QuiqupTokenResponseInvalidError(
      'The token endpoint answered with more than 1 MiB or broke its answer off. Check that baseUrl leads to Quiqup.',
    );
  }
  const shown = typeof code === 'string' && ERROR_CODE.test(code) ? code : 'no code';
  return new QuiqupTokenEndpointUnreachableError(
    `The token endpoint could not be reached (${shown}). Check the host name, the network and the proxy between here ` +
      'and Quiqup.',
  );
}
