import { HttpService } from '@nestjs/axios';
import type { AxiosPromise, AxiosRequestConfig, AxiosResponse } from 'axios';
import type { Observable } from 'rxjs';
import { lastMileUrlOf, valuesIn, type QuiqupSharedConfig } from '../config/index.js';
import type { AuthorizingAdapter } from './authorizing-adapter.js';
import { createPristineAxios } from './pristine-axios.js';
import { streamObservable } from './stream-observable.js';

/** An `HttpService` whose calls to one of Quiqup's APIs carry the token. */
class QuiqupApi extends HttpService {
  constructor(baseURL: string, { http }: QuiqupSharedConfig, adapter: AuthorizingAdapter) {
    // A proxy from the environment is not used for plain `http:`, because it would see the whole call.
    const direct = baseURL.startsWith('http:') ? { proxy: false as const } : {};
    const instance = createPristineAxios({ ...direct, ...valuesIn(http), baseURL });
    super(instance);
    instance.interceptors.request.use((call) => adapter.wrap(call, instance), undefined, { synchronous: true });
  }

  protected override makeObservable<T>(
    send: (...args: unknown[]) => AxiosPromise<T>,
    ...args: unknown[]
  ): Observable<AxiosResponse<T>> {
    const config = args.at(-1) as AxiosRequestConfig | undefined;
    return config?.responseType === 'stream' && !config.cancelToken
      ? streamObservable(config, (own) => super.makeObservable<T>(send, ...args.slice(0, -1), own))
      : super.makeObservable<T>(send, ...args);
  }
}

/**
 * An `HttpService` whose calls go to Quiqup with a valid token. Its paths are relative to the platform API (fulfilment).
 * The paths of {@link lastMile} are relative to the last-mile API (courier orders). Each API has its own paths.
 *
 * @example
 * ```ts
 * constructor(private readonly quiqup: QuiqupHttpService) {}
 *
 * stock() {
 *   return this.quiqup.get('/api/fulfilment/inventory');
 * }
 *
 * order(order: Order) {
 *   return this.quiqup.lastMile.post('/orders', order);
 * }
 * ```
 */
export class QuiqupHttpService extends QuiqupApi {
  readonly #lastMileOptions: { readonly config: QuiqupSharedConfig; readonly adapter: AuthorizingAdapter };
  #lastMile: HttpService | undefined;

  /** @internal */
  constructor(config: QuiqupSharedConfig, adapter: AuthorizingAdapter) {
    super(config.baseUrl, config, adapter);
    this.#lastMileOptions = { config, adapter };
  }

  /**
   * The last-mile API, with the same token, options and recovery. It is a separate `HttpService`, so that interceptors of
   * one API do not affect the other. It is created at first use.
   *
   * @throws QuiqupConfigError on the mock environment, which has no last-mile API
   */
  get lastMile(): HttpService {
    return (this.#lastMile ??= this.createLastMile());
  }

  private createLastMile(): HttpService {
    const { config, adapter } = this.#lastMileOptions;
    return new QuiqupApi(lastMileUrlOf(config), config, adapter);
  }
}
