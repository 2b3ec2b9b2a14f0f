import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { lastMileUrlOf, valuesIn, type QuiqupSharedConfig } from '../config/index.js';
import { QuiqupAuthError } from '../errors/index.js';
import { axios, type AuthorizingAdapter } from '../http/index.js';
import { configOf, fetchCallOf, type Fetch, type FetchCall, type FetchInit } from './fetch-call.js';
import { sendByAdapter } from './send-by-adapter.js';
import { sendByFetch } from './send-fetch.js';

/** The axios options that `fetch` supports as well. */
interface FetchSettings {
  readonly adapter?: unknown;
  readonly env?: { readonly fetch?: Fetch };
  readonly fetchOptions?: FetchInit;
}

/** A `fetch` whose calls to one of Quiqup's APIs carry the token. */
export class QuiqupFetchApi {
  readonly #baseUrl: string;
  readonly #settings: FetchSettings;
  readonly #authorizing: AuthorizingAdapter;

  /** @internal */
  constructor(baseUrl: string, config: QuiqupSharedConfig, authorizing: AuthorizingAdapter) {
    this.#baseUrl = baseUrl;
    this.#settings = valuesIn(config.http);
    this.#authorizing = authorizing;
  }

  /**
   * The standard `fetch`, which can be passed on, as to a generated client. Relative URLs are below this API's base URL.
   * Calls to trusted origins without an `Authorization` of their own carry the token, also after a redirect. A 401 is
   * recovered once, unless the body can be read once alone: a stream, or that of a `Request`.
   *
   * @throws QuiqupAuthError when there is no token
   * @throws TypeError as `fetch` does; the reason of the signal when the caller aborts
   */
  readonly fetch: Fetch = async (input, init) => {
    const call = fetchCallOf(input, this.#initOf(init), this.#baseUrl);
    try {
      const { data } = await this.#authorizing.send(configOf(call), (config) => this.#send(call, config));
      return data as Response;
    } catch (error) {
      throw errorOf(error, call);
    }
  };

  #initOf(init: FetchInit | undefined): FetchInit | undefined {
    const { fetchOptions } = this.#settings;
    if (fetchOptions === undefined || init === undefined) {
      return init ?? fetchOptions;
    }
    return { ...fetchOptions, ...init };
  }

  #send(call: FetchCall, config: InternalAxiosRequestConfig) {
    const { adapter, env } = this.#settings;
    return typeof adapter === 'function'
      ? sendByAdapter(call, config, adapter as AxiosAdapter)
      : sendByFetch(call, config, env?.fetch ?? globalThis.fetch);
  }
}

/** As `fetch` would reject. */
function errorOf(error: unknown, { signal }: FetchCall): unknown {
  if (signal?.aborted === true) {
    return signal.reason;
  }
  return axios.isAxiosError(error) && !(error instanceof QuiqupAuthError)
    ? new TypeError('fetch failed', { cause: error.cause ?? error })
    : error;
}

/**
 * A `fetch` whose calls go to Quiqup with a valid token. Relative URLs are below the platform API (fulfilment), those of
 * {@link lastMile} below the last-mile API (courier orders).
 *
 * `http.fetchOptions` (such as `dispatcher`) and `http.env.fetch` of the module's options apply.
 *
 * @example
 * ```ts
 * constructor(private readonly quiqup: QuiqupFetchService) {}
 *
 * async stock() {
 *   const response = await this.quiqup.fetch('/api/fulfilment/inventory');
 *   return response.json();
 * }
 * ```
 */
export class QuiqupFetchService extends QuiqupFetchApi {
  readonly #lastMileOptions: { readonly config: QuiqupSharedConfig; readonly authorizing: AuthorizingAdapter };
  #lastMile: QuiqupFetchApi | undefined;

  /** @internal */
  constructor(config: QuiqupSharedConfig, authorizing: AuthorizingAdapter) {
    super(config.baseUrl, config, authorizing);
    this.#lastMileOptions = { config, authorizing };
  }

  /**
   * The `fetch` of the last-mile API.
   *
   * @throws QuiqupConfigError on the mock environment, which has no last-mile API
   */
  get lastMile(): QuiqupFetchApi {
    const { config, authorizing } = this.#lastMileOptions;
    return (this.#lastMile ??= new QuiqupFetchApi(lastMileUrlOf(config), config, authorizing));
  }
}
