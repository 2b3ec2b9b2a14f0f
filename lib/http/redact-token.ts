import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { deleteAuthorization } from './authorization-header.js';
import { onStreamError } from './bodies.js';
import { snapshotOf } from './request-snapshot.js';

/** What an adapter may have left the token in: an answer, or an error and those that caused it. */
interface Holder {
  request?: unknown;
  response?: AxiosResponse;
  config?: Partial<InternalAxiosRequestConfig>;
  data?: unknown;
  cause?: unknown;
  errors?: unknown;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Redacts the token in a response: the native request keeps what it sent, and an adapter may have copied the config. */
export function redactToken(holder: Holder, sent: InternalAxiosRequestConfig): void {
  if (isObject(holder.request)) {
    // Whatever cannot be replaced is no reason to fail a call that was answered.
    Reflect.set(holder, 'request', snapshotOf(holder.request));
  }
  if (holder.config !== sent) {
    deleteAuthorization(holder.config?.headers);
  }
  // The error of a body that breaks off while it is read comes from axios as well, with the native request.
  onStreamError(holder.data, (error) => redactTokenOfError(error, sent));
}

/** Redacts the token in an error and of all that caused it: an adapter may be built on another axios. */
export function redactTokenOfError(error: unknown, sent: InternalAxiosRequestConfig): void {
  const toVisit = [error];
  const visited = new Set<unknown>();
  while (toVisit.length > 0) {
    const failed = toVisit.pop();
    if (!isObject(failed) || visited.has(failed)) {
      continue;
    }
    visited.add(failed);
    const holder: Holder = failed;
    redactToken(holder, sent);
    if (isObject(holder.response)) {
      redactToken(holder.response, sent);
    }
    toVisit.push(holder.cause, ...(Array.isArray(holder.errors) ? (holder.errors as unknown[]) : []));
  }
}
