import type { InternalAxiosRequestConfig } from 'axios';
import { isObject } from './is-object.js';

const hidden = new WeakSet<object>();

/**
 * Agents and dispatchers lead to their connections, and these to the running calls with their headers. They stay on the
 * config of a call, because retry libraries need them. Their contents are no longer enumerable, so they are not printed.
 */
export function hideConnections({ httpAgent, httpsAgent, fetchOptions }: InternalAxiosRequestConfig): void {
  hideContents(httpAgent);
  hideContents(httpsAgent);
  if (fetchOptions !== undefined) {
    hideContents((fetchOptions as { dispatcher?: unknown }).dispatcher);
  }
}

function hideContents(holder: unknown): void {
  if (!isObject(holder) || hidden.has(holder)) {
    return;
  }
  hidden.add(holder);
  for (const key of Reflect.ownKeys(holder)) {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (property?.enumerable === true && isObject(property.value)) {
      // A property that cannot be redefined stays as it is.
      Reflect.defineProperty(holder, key, { enumerable: false });
    }
  }
}
