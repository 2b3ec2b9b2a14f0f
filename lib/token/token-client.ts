import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import * as http from 'node:http';
import * as https from 'node:https';
import type { QuiqupHttpOptions, QuiqupSharedConfig } from '../config/index.js';
import { NETWORK_OPTIONS } from './network-options.js';
import { OwnAgent } from './own-agent.js';

const LARGEST_RESPONSE_BYTES = 1024 * 1024;
/** Tells HTTP/2 sessions apart: axios gives one session to all whose options are alike. */
const OWN_SESSION = 'quiqupTokenRequests';

/** A module of the application's that sends in place of Node's, such as that of follow-redirects. */
interface Transport {
  request(options: object, ...rest: unknown[]): unknown;
}

/** What goes to the token endpoint; the deadline is the signal's. */
export interface TokenClientRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/**
 * Sends token requests, and nothing else. It shares the way through the network with the calls, and neither connections,
 * for which it would queue behind calls that wait for the very token, nor interceptors, nor anything of `axios.defaults`.
 */
export class TokenClient {
  // A `#` field: what the application passed to axios is not printed.
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

  /** The response, whatever its status, with its body as text. */
  send({ method, url, body, signal }: TokenClientRequest): Promise<AxiosResponse<unknown>> {
    return this.#axios.request({
      method,
      url,
      signal,
      ...(body !== undefined && { data: body }),
      // Or a proxy of the environment would see the secret.
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

/** Everything else of the user's options is about their calls. */
function networkOptions(given: QuiqupHttpOptions): AxiosRequestConfig {
  const { fetch, Request, Response } = given.env ?? {};
  const options = Object.fromEntries(
    NETWORK_OPTIONS.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]),
  );
  return {
    ...options,
    // As axios has it, whatever `axios.defaults` say.
    adapter: given.adapter ?? ['xhr', 'http', 'fetch'],
    env: { ...(fetch && { fetch }), ...(Request && { Request }), ...(Response && { Response }) },
    // axios' fetch adapter did not know maxRedirects at first.
    fetchOptions: { ...given.fetchOptions, redirect: 'manual' },
    ...(given.transport !== undefined && { transport: withoutRedirects(given.transport as Transport) }),
    http2Options: { ...given.http2Options, [OWN_SESSION]: true },
  };
}

/** axios tells a transport of the application's nothing of `maxRedirects`. */
function withoutRedirects(transport: Transport): Transport {
  const unfollowed = { maxRedirects: 0, followRedirects: false };
  return {
    request: (options, ...rest) =>
      transport.request(Object.assign(Object.create(null) as object, options, unfollowed), ...rest),
  };
}
