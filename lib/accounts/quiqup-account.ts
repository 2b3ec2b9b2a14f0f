import type { QuiqupAxiosInterceptor, QuiqupHttpService } from '../http/index.js';
import type { QuiqupTokenService } from '../token/index.js';

/** Makes what an account may never be asked for. */
interface LazyParts {
  readonly http: () => QuiqupHttpService;
  readonly interceptor: () => QuiqupAxiosInterceptor;
}

/**
 * One account of {@link QuiqupAccounts}, with what a registered account has as providers. Ask for it anew with each
 * piece of work: one that is kept still works after it was dropped from memory, but is not renewed ahead of time.
 */
export class QuiqupAccount {
  readonly #make: LazyParts;
  #http: QuiqupHttpService | undefined;
  #interceptor: QuiqupAxiosInterceptor | undefined;

  /** @internal */
  constructor(
    /** As `get` was asked for it. */
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

  /** Gives the account's token to the calls of an axios instance or `HttpService` that is this account's alone. */
  get interceptor(): QuiqupAxiosInterceptor {
    return (this.#interceptor ??= this.#make.interceptor());
  }
}
