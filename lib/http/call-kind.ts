import type { InternalAxiosRequestConfig } from 'axios';

/** Ids, SKUs and the like, which differ between calls of one kind. */
const VARIABLE_SEGMENT = /(?<=\/)(?=[^/]*[\dA-Z%@]|[^/]{24})[^/]+/g;

/** The kind of a call, for people and for comparison: `get https://host/orders/:id`. */
export function kindOfCall({ method = 'get', baseURL = '', url = '' }: InternalAxiosRequestConfig): string {
  // Without types, a URL object may come here.
  const [path = ''] = ` ${url}`.split(/[?#]/, 1);
  return `${method} ${baseURL}${path.replace(VARIABLE_SEGMENT, ':id')}`;
}
