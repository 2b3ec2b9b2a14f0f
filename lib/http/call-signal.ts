import type { InternalAxiosRequestConfig } from 'axios';

/** Both ways to cancel a call in one; when it fires, axios itself turns what we reject with into its `CanceledError`. */
export function signalOf({ signal, cancelToken }: InternalAxiosRequestConfig): AbortSignal | undefined {
  const signals = [signal as AbortSignal | undefined, cancelTokenSignal(cancelToken)].filter(
    (one) => one !== undefined,
  );
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}

function cancelTokenSignal(cancelToken: InternalAxiosRequestConfig['cancelToken']): AbortSignal | undefined {
  if (cancelToken === undefined) {
    return undefined;
  }
  const controller = new AbortController();
  void cancelToken.promise.then((reason) => controller.abort(reason));
  return controller.signal;
}
