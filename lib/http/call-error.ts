import type { InternalAxiosRequestConfig } from 'axios';
import { QuiqupAuthError } from '../errors/index.js';

/** The properties that axios' ecosystem expects of an error. They are not enumerable, so they are not printed. */
function asAxiosHasIt(config: InternalAxiosRequestConfig): PropertyDescriptorMap {
  const values = { config, request: undefined, response: undefined, isAxiosError: true };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, enumerable: false, writable: true, configurable: true },
    ]),
  );
}

/**
 * The error of one call that gets no token. All waiting calls share the original error, but interceptors may change it.
 */
export function errorOfCall(error: unknown, config: InternalAxiosRequestConfig): unknown {
  if (!(error instanceof QuiqupAuthError)) {
    return error;
  }
  // `Reflect.construct` makes a native error of that class without running its constructor.
  const own: object = Reflect.construct(Error, [], error.constructor);
  return Object.defineProperties(own, { ...Object.getOwnPropertyDescriptors(error), ...asAxiosHasIt(config) });
}
