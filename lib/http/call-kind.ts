import type { InternalAxiosRequestConfig } from 'axios';

/** Ids, SKUs and other parts that differ between calls of a kind. */
const VARIABLE_SEGMENT = /(?<=\/)(?=[^/]*[\dA-Z%@]|[^/]{24})[^/]+/g;

/** The kind of a call, for people and for comparison: `get https://host/orders/:id`. */
export function kindOfCall({ method = 'get', baseURL = '', url = '' }: InternalAxiosRequestConfig): string {
  // Untyped code may pass a URL object.
  const [path = ''] = ` ${url}`.split(/[?#]/, 1);
  return `${method} ${baseURL}${path.replace(VARIABLE_SEGMENT, ':id')}`;
}
