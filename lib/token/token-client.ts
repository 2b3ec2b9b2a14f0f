import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import * as http from 'node:http';
import * as https from 'node:https';
import type { QuiqupHttpOptions, QuiqupSharedConfig } from '../config/index.js';
import { NETWORK_OPTIONS } from './network-options.js';
import { OwnAgent } from './own-agent.js';

const LARGEST_RESPONSE_BYTES = 1024 * 1024;
/** Separates the HTTP/2 sessions: axios shares one session between requests with the same options. */
const OWN_SESSION = 'quiqupTokenRequests';

/** An application's module that replaces Node's `http`, such as `follow-redirects`. */
interface Transport {
  request(options: object, ...rest: unknown[]): unknown;
}

/** A request to the token endpoint. The signal holds the deadline. */
export interface TokenClientRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/**
 * Sends token requests only. It shares the network options with the calls, but no connections (a token request would
 * queue behind calls that wait for the token), no interceptors, and nothing of `axios.defaults`.
 */
export class TokenClient {
  // A `#` field: the application's axios options must not be printed.
  readonly #given: QuiqupHttpOptions;
  readonly #axios: InstanceType<typeof axios.Axios>;
  readonly #httpAgent = new OwnAgent();
  readonly #httpsAgent = new OwnAgent();

  constructor(given: QuiqupHttpOptions) {
    this.#given = given;
    this.#axios = new axios.Axios({
      ...networkOptions(given),
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      maxContentLength: LARGEST_RESPONSE_BYTES,
      // A redirect would carry the secret elsewhere.
      maxRedirects: 0,
      responseType: 'text',
      validateStatus: () => true,
    });
  }

  /** Returns the response of any status, with its body as text. */
  send({ method, url, body, signal }: TokenClientRequest): Promise<AxiosResponse<unknown>> {
    return this.#axios.request({
      method,
      url,
      signal,
      ...(body !== undefined && { data: body }),
      // Otherwise a proxy from the environment would see the secret.
      ...(url.startsWith('http:') && this.#given.proxy === undefined && { proxy: false as const }),
      httpAgent: this.#httpAgent.standingFor(this.#given.httpAgent ?? http.globalAgent),
      httpsAgent: this.#httpsAgent.standingFor(this.#given.httpsAgent ?? https.globalAgent),
    });
  }

  /** Ends its connections. */
  close(): void {
    this.#httpAgent.close();
    this.#httpsAgent.close();
  }
}

export function createTokenClient({ http: given }: Pick<QuiqupSharedConfig, 'http'>): TokenClient {
  return new TokenClient(given);
}

/** The user's other options are for their calls only. */
function networkOptions(given: QuiqupHttpOptions): AxiosRequestConfig {
  const { fetch, Request, Response } = given.env ?? {};
  const options = Object.fromEntries(
    NETWORK_OPTIONS.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]),
  );
  return {
    ...options,
    // axios' own default, independent of `axios.defaults`.
    adapter: given.adapter ?? ['xhr', 'http', 'fetch'],
    env: { ...(fetch && { fetch }), ...(Request && { Request }), ...(Response && { Response }) },
    // Early versions of axios' fetch adapter ignore maxRedirects.
    fetchOptions: { ...given.fetchOptions, redirect: 'manual' },
    ...(given.transport !== undefined && { transport: withoutRedirects(given.transport as Transport) }),
    http2Options: { ...given.http2Options, [OWN_SESSION]: true },
  };
}

/** axios does not pass `maxRedirects` to an application's transport. */
function withoutRedirects(transport: Transport): Transport {
  const unfollowed = { maxRedirects: 0, followRedirects: false };
  return {
    request: (options, ...rest) =>
      transport.request(Object.assign(Object.create(null) as object, options, unfollowed), ...rest),
  };
}
