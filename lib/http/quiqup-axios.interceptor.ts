import type { HttpService } from '@nestjs/axios';
import type { AxiosInstance, InternalAxiosRequestConfig } from 'axios';
import type { AuthorizingAdapter } from './authorizing-adapter.js';

type Intercept = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;

interface Handler {
  readonly fulfilled: unknown;
}

/** The interceptor on one axios instance, and the owners that attached it. */
interface Attachment {
  readonly id: number;
  readonly intercept: Intercept;
  readonly attachers: Set<() => void>;
}

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
  private readonly attachments = new WeakMap<AxiosInstance, Attachment>();

  /** @internal */
  constructor(adapter: AuthorizingAdapter) {
    this.#adapter = adapter;
  }

  /**
   * Attaches to all future calls of `target`, until the application shuts down. Several accounts may attach to a target: its
   * calls carry a token until all of them have detached.
   *
   * @returns a function that detaches it; running calls keep their token
   */
  attach(target: AxiosInstance | HttpService): () => void {
    const instance = 'axiosRef' in target ? target.axiosRef : target;
    const known = this.attachments.get(instance);
    const attachment = known !== undefined && isInPlace(instance, known) ? known : this.intercept(instance);
    const detach = (): void => {
      if (attachment.attachers.delete(detach) && attachment.attachers.size === 0) {
        this.eject(instance, attachment);
      }
    };
    attachment.attachers.add(detach);
    return detach;
  }

  private intercept(instance: AxiosInstance): Attachment {
    const intercept: Intercept = (config) => {
      if (!this.#adapter.isClosed) {
        return this.#adapter.wrap(config, instance);
      }
      // An instance may outlive the application, as with hot reload. The next application attaches to it.
      this.eject(instance, attachment);
      return config;
    };
    const id = instance.interceptors.request.use(intercept, undefined, { synchronous: true });
    const attachment = { id, intercept, attachers: new Set<() => void>() };
    this.attachments.set(instance, attachment);
    return attachment;
  }

  private eject(instance: AxiosInstance, attachment: Attachment): void {
    if (isInPlace(instance, attachment)) {
      instance.interceptors.request.eject(attachment.id);
    }
  }
}

/** Reads the instance itself, because interceptors can be cleared and the id may then belong to another one. */
function isInPlace({ interceptors }: AxiosInstance, { intercept }: Attachment): boolean {
  // Missing in axios' types.
  const request = interceptors.request as unknown as { forEach(visit: (handler: Handler) => void): void };
  let isFound = false;
  request.forEach(({ fulfilled }) => (isFound ||= fulfilled === intercept));
  return isFound;
}
