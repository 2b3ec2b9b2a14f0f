import type { CancelToken, InternalAxiosRequestConfig } from 'axios';
import { watchBody } from './body-watch.js';
import { axios } from './nest-axios.js';

/** Ends a wait with the error that rejects its call. */
type Leave = (error: unknown) => void;
/** Removes the listeners. */
type Unwatch = () => void;

interface WatchOptions {
  /** A body that can be sent only once and that only this call reads. */
  readonly body?: unknown;
}

const nothing: Unwatch = () => undefined;

/**
 * Lets a call wait. If its caller leaves or its body breaks, the wait ends at once. No listener remains.
 *
 * @param work receives a signal that ends this caller's part in shared work
 * @throws axios' `CanceledError` when the caller leaves
 */
export function waitFor<T>(
  config: InternalAxiosRequestConfig,
  work: (signal: AbortSignal) => Promise<T>,
  { body }: WatchOptions = {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const watches: Unwatch[] = [];
    const unwatch = (): void => watches.splice(0).forEach((one) => one());
    const leave: Leave = (error) => {
      unwatch();
      reject(error);
      controller.abort(error);
    };
    for (const watch of [watchSignal, watchCancelToken, watchBodyOf]) {
      if (!controller.signal.aborted) {
        watches.push(watch(config, leave, body));
      }
    }
    if (controller.signal.aborted) {
      unwatch();
      return;
    }
    work(controller.signal)
      .finally(unwatch)
      .then(resolve, (error: unknown) => reject(error as Error));
  });
}

/** Whether the caller has cancelled the call. */
export function isAbandoned({ signal, cancelToken }: InternalAxiosRequestConfig, error?: unknown): boolean {
  return axios.isCancel(error) || signal?.aborted === true || Boolean(cancelToken?.reason);
}

/** Takes any signal that axios takes: Node's, a polyfill's, or an object with its methods. `null` means none. */
function watchSignal(config: InternalAxiosRequestConfig, leave: Leave): Unwatch {
  const signal = config.signal as InternalAxiosRequestConfig['signal'] | null;
  if (!signal) {
    return nothing;
  }
  const onAbort = (): void => leave(new axios.CanceledError(undefined, config));
  if (signal.aborted) {
    onAbort();
    return nothing;
  }
  signal.addEventListener?.('abort', onAbort);
  return () => signal.removeEventListener?.('abort', onAbort);
}

function watchCancelToken(config: InternalAxiosRequestConfig, leave: Leave): Unwatch {
  const token = config.cancelToken as (Partial<CancelToken> & Pick<CancelToken, 'promise'>) | null | undefined;
  if (!token) {
    return nothing;
  }
  if (token.reason) {
    leave(token.reason);
    return nothing;
  }
  if (typeof token.subscribe === 'function') {
    token.subscribe(leave);
    return () => token.unsubscribe?.(leave);
  }
  const hearers = hearersOf(token.promise);
  hearers.add(leave);
  return () => void hearers.delete(leave);
}

const hearersOfPromises = new WeakMap<object, Set<Leave>>();

/** An old cancel token only has a promise, which keeps all its listeners. So it gets one listener. */
function hearersOf(promise: Promise<unknown>): Set<Leave> {
  let hearers = hearersOfPromises.get(promise);
  if (hearers === undefined) {
    const added = new Set<Leave>();
    hearers = added;
    hearersOfPromises.set(promise, added);
    void promise.then((reason) => [...added].forEach((leave) => leave(reason)));
  }
  return hearers;
}

function watchBodyOf(config: InternalAxiosRequestConfig, leave: Leave, body: unknown): Unwatch {
  return body === undefined ? nothing : watchBody(body, config, leave);
}
