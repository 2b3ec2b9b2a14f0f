import type { QuiqupFetchService } from '../fetch/index.js';
import type { QuiqupAxiosInterceptor, QuiqupHttpService } from '../http/index.js';
import type { QuiqupTokenService } from '../token/index.js';

/** Creates services that may never be used, at first use. */
interface LazyParts {
  readonly http: () => QuiqupHttpService;
  readonly interceptor: () => QuiqupAxiosInterceptor;
  readonly fetch: () => QuiqupFetchService;
}

/**
 * One account of {@link QuiqupAccounts}, with the services that a registered account has as providers. Call `get` for each
 * piece of work. A dropped account still works, but its token is not renewed ahead of time.
 */
export class QuiqupAccount {
  readonly #make: LazyParts;
  #http: QuiqupHttpService | undefined;
  #interceptor: QuiqupAxiosInterceptor | undefined;
  #fetch: QuiqupFetchService | undefined;

  /** @internal */
  constructor(
    /** The id that was passed to `get`. */
    readonly id: string,
    /** The account's access token. */
    readonly tokens: QuiqupTokenService,
    make: LazyParts,
  ) {
    this.#make = make;
  }

  /** An `HttpService` whose calls carry the account's token. */
  get http(): QuiqupHttpService {
    return (this.#http ??= this.#make.http());
  }

  /** The standard `fetch` with the account's token; relative URLs are below the platform API. */
  get fetch(): typeof globalThis.fetch {
    return this.#fetchService().fetch;
  }

  /** The same for the last-mile API. */
  get lastMileFetch(): typeof globalThis.fetch {
    return this.#fetchService().lastMile.fetch;
  }

  #fetchService(): QuiqupFetchService {
    return (this.#fetch ??= this.#make.fetch());
  }

  /** Adds the account's token to the calls of an axios instance or `HttpService` that only this account uses. */
  get interceptor(): QuiqupAxiosInterceptor {
    return (this.#interceptor ??= this.#make.interceptor());
  }
}
