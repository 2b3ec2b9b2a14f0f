import type { InternalAxiosRequestConfig } from 'axios';
import { QuiqupAuthError } from '../errors/index.js';

/** What the ecosystem of axios asks an adapter's error for. Nothing that prints the error shows it. */
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
 * The error of one call that there is no token for. The error itself is that of all who wait, and interceptors write on
 * what they get.
 */
export function errorOfCall(error: unknown, config: InternalAxiosRequestConfig): unknown {
  if (!(error instanceof QuiqupAuthError)) {
    return error;
  }
  // Made by `Error`, for a native one, and by its own class in all but what its constructor would do.
  const own: object = Reflect.construct(Error, [], error.constructor);
  return Object.defineProperties(own, { ...Object.getOwnPropertyDescriptors(error), ...asAxiosHasIt(config) });
}
