import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { Observable } from 'rxjs';
import { axios } from './nest-axios.js';

/**
 * The observable of a call whose response is a stream. Nest's own call continues after unsubscribing, so that the owner of
 * the stream can read it. This one does so once there is a stream; before that, unsubscribing cancels the call.
 *
 * @param start makes Nest's observable
 */
export function streamObservable<T>(
  config: AxiosRequestConfig,
  start: (config: AxiosRequestConfig) => Observable<AxiosResponse<T>>,
): Observable<AxiosResponse<T>> {
  return new Observable((subscriber) => {
    const source = axios.CancelToken.source();
    let isOver = false;
    const subscription = start({ ...config, cancelToken: source.token }).subscribe({
      next: (response) => {
        isOver = true;
        subscriber.next(response);
      },
      error: (error: unknown) => {
        isOver = true;
        subscriber.error(error);
      },
      complete: () => subscriber.complete(),
    });
    return () => {
      subscription.unsubscribe();
      if (!isOver) {
        source.cancel();
      }
    };
  });
}
