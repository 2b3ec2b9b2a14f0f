import type { HttpService } from '@nestjs/axios';
import type { AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import type { AuthorizingAdapter } from './authorizing-adapter.js';

/**
 * Adds the token to the Quiqup calls of your own axios instance or `HttpService`, and recovers them from 401s. Calls to
 * other hosts, and calls with their own `Authorization` header, pass unchanged.
 *
 * @example
 * ```ts
 * constructor(http: HttpService, quiqup: QuiqupAxiosInterceptor) {
 *   quiqup.attach(http);
 * }
 * ```
 */
export class QuiqupAxiosInterceptor {
  readonly #adapter: AuthorizingAdapter;
  private readonly attached = new WeakMap<AxiosInstance, () => void>();

  /** @internal */
  constructor(adapter: AuthorizingAdapter) {
    this.#adapter = adapter;
  }

  /**
   * Attaches to all future calls of `target`, until the application shuts down. Attaching twice has no further effect.
   *
   * @returns a function that detaches it; running calls keep their token
   */
  attach(target: AxiosInstance | HttpService): () => void {
    const instance = 'axiosRef' in target ? target.axiosRef : target;
    const known = this.attached.get(instance);
    if (known !== undefined) {
      return known;
    }
    const intercept = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
      if (!this.#adapter.isClosed) {
        return this.#adapter.wrap(config);
      }
      // An instance that outlives the application, as with hot reload, is for the next one to attach to.
      detach();
      return config;
    };
    const id = instance.interceptors.request.use(intercept, undefined, { synchronous: true });
    const detach = (): void => {
      if (this.attached.get(instance) === detach) {
        this.attached.delete(instance);
        instance.interceptors.request.eject(id);
      }
    };
    this.attached.set(instance, detach);
    return detach;
  }
}
