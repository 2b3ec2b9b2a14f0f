import axios, { type AxiosInstance, type AxiosResponse, type CreateAxiosDefaults } from 'axios';
import type { QuiqupHttpOptions, QuiqupSharedConfig } from '../config/index.js';
import {
  QuiqupAuthError,
  QuiqupShutDownError,
  QuiqupTokenEndpointError,
  QuiqupTokenEndpointUnreachableError,
  QuiqupTokenRequestTimeoutError,
  QuiqupTokenResponseInvalidError,
  type QuiqupAuthErrorCode,
} from '../errors/index.js';
import type { AuthEvents } from './auth-events.js';
import type { Credentials } from './credentials.js';
import { parseRetryAfter } from './retry-after.js';
import { failureOf } from './token-endpoint-failure.js';
import { readErrorBody } from './token-error-response.js';
import type { TokenGrant } from './token-grants.js';
import { parseTokenResponse, type TokenResponse } from './token-response.js';

const LARGEST_ANSWER_BYTES = 1024 * 1024;

/** As Node and axios have them; what an adapter of the application calls so may be anything. */
const ERROR_CODE = /^[A-Z][A-Z_\d]{2,39}$/;

/** What the network between here and Quiqup may need; everything else of the user's options is about their calls. */
const NETWORK_OPTIONS = [
  'adapter',
  'family',
  'httpAgent',
  'httpsAgent',
  'httpVersion',
  'lookup',
  'proxy',
  'socketPath',
] as const satisfies readonly (keyof CreateAxiosDefaults)[];

function networkOptions(http: QuiqupHttpOptions): CreateAxiosDefaults {
  return Object.fromEntries(NETWORK_OPTIONS.filter((key) => http[key] !== undefined).map((key) => [key, http[key]]));
}

/** Sends token requests, and nothing else: the calls' interceptors would wait for the very token that is asked for. */
export function createTokenClient({ http }: QuiqupSharedConfig): AxiosInstance {
  return axios.create({
    ...networkOptions(http),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    maxContentLength: LARGEST_ANSWER_BYTES,
    // A redirect would carry the secret elsewhere.
    maxRedirects: 0,
    // axios' fetch adapter did not know maxRedirects at first.
    fetchOptions: { redirect: 'manual' },
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
  });
}

/** `POST oauth/token` (RFC 6749 section 4.4; Quiqup Authentication API 1.0.0). */
export class TokenEndpoint {
  private readonly url: string;
  private readonly timeoutMs: number;

  /**
   * @param client from {@link createTokenClient}; several accounts may share one
   */
  constructor(
    config: QuiqupSharedConfig,
    private readonly events: AuthEvents,
    private readonly client: AxiosInstance,
  ) {
    this.url = config.tokenUrl;
    this.timeoutMs = config.timeouts.tokenRequest;
  }

  /**
   * @param closing ends the request when the application shuts down
   * @throws a {@link QuiqupTokenEndpointError} for whatever is not a token
   */
  async request(grant: TokenGrant, credentials: Credentials, closing: AbortSignal): Promise<TokenResponse> {
    const startedAt = performance.now();
    const report = (outcome: 'success' | QuiqupAuthErrorCode, status: number | undefined): void =>
      this.events.emit({
        type: 'token-request',
        grantType: grant.grantType,
        outcome,
        status,
        durationMs: performance.now() - startedAt,
      });
    try {
      const { response, status } = await this.exchange(grant, credentials, closing);
      report('success', status);
      return response;
    } catch (error) {
      if (error instanceof QuiqupAuthError) {
        report(error.code, error instanceof QuiqupTokenEndpointError ? error.status : undefined);
      }
      throw error;
    }
  }

  private async exchange(
    grant: TokenGrant,
    credentials: Credentials,
    closing: AbortSignal,
  ): Promise<{ response: TokenResponse; status: number }> {
    const { grantType, refreshToken } = grant;
    const { clientId, clientSecret } = credentials;
    const answer = await this.send(
      {
        grant_type: grantType,
        client_id: clientId,
        client_secret: clientSecret,
        ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      },
      closing,
    );
    const secrets = [clientId, clientSecret, ...(refreshToken === undefined ? [] : [refreshToken])];
    return { response: this.read(answer, secrets), status: answer.status };
  }

  private async send(body: Record<string, string>, closing: AbortSignal): Promise<AxiosResponse<unknown>> {
    // The whole exchange, for axios' own timeout starts anew with every byte of a dripping answer.
    const timeout = AbortSignal.timeout(this.timeoutMs);
    // A signal remembers all that `any` has ever made of it, so that one as old as the application must not be among them.
    const request = new AbortController();
    const abort = (): void => request.abort();
    closing.addEventListener('abort', abort);
    try {
      closing.throwIfAborted();
      const signal = AbortSignal.any([timeout, request.signal]);
      return await this.client.post(this.url, JSON.stringify(body), { signal });
    } catch (error) {
      // Never the cause: an axios error carries the request's body, which is the secret.
      if (closing.aborted) {
        throw new QuiqupShutDownError('The application shut down while a token was being fetched.');
      }
      if (timeout.aborted) {
        throw new QuiqupTokenRequestTimeoutError(
          `The token endpoint did not answer completely within ${this.timeoutMs} ms. Check the way to Quiqup, or ` +
            'raise timeouts.tokenRequest.',
        );
      }
      // Of an adapter of the application's it may be anything.
      const code: unknown = axios.isAxiosError(error) ? error.code : undefined;
      if (code === 'ERR_BAD_RESPONSE') {
        throw new QuiqupTokenResponseInvalidError(
          'The token endpoint answered with more than 1 MiB or broke its answer off. Check that baseUrl leads to Quiqup.',
        );
      }
      throw new QuiqupTokenEndpointUnreachableError(
        `The token endpoint could not be reached (${typeof code === 'string' && ERROR_CODE.test(code) ? code : 'no code'}). Check the host name, the network and the ` +
          'proxy between here and Quiqup.',
      );
    } finally {
      closing.removeEventListener('abort', abort);
    }
  }

  private read(answer: AxiosResponse<unknown>, credentials: readonly string[]): TokenResponse {
    const { status } = answer;
    const body = parseJson(answer.data);
    const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const secrets = [...credentials, ...tokensIn(fields)];
    const hasError = (fields['error'] ?? undefined) !== undefined;
    const response = parseTokenResponse(body);
    if (isSuccess(status) && !hasError && !('problem' in response)) {
      return response;
    }
    const refusal = readErrorBody(fields, secrets);
    const saysWhy = hasError || refusal.quiqupCode !== undefined;
    if (isSuccess(status) && !saysWhy && 'problem' in response) {
      throw new QuiqupTokenResponseInvalidError(
        `The token endpoint's answer is not a token response: ${response.problem}. Check that baseUrl leads to Quiqup.`,
        { status },
      );
    }
    throw failureOf({ status, ...refusal, retryAfterMs: parseRetryAfter(answer.headers['retry-after'], Date.now()) });
  }
}

/** Quiqup answers 200; what stands in for it may be built with Nest, which answers a POST with 201. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** An answer that is refused may have brought them all the same, and may quote them. */
function tokensIn(fields: Record<string, unknown>): string[] {
  return [fields['access_token'], fields['refresh_token']].filter(
    (field): field is string => typeof field === 'string' && field !== '',
  );
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
