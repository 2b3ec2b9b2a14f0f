import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { Readable } from 'node:stream';
import { deleteAuthorization } from './authorization-header.js';
import { isNodeStream, isWebStream } from './bodies.js';
import { DetachedStream } from './detached-stream.js';
import { detachWebStream } from './detached-web-stream.js';
import { isObject } from './is-object.js';
import { eraseAuthorization, snapshotOf } from './request-snapshot.js';
import { leadsToToken } from './token-search.js';

/** The places where an adapter may have left the token: a response, or an error and its causes. */
interface Holder {
  request?: unknown;
  response?: AxiosResponse;
  config?: Partial<InternalAxiosRequestConfig>;
  data?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** The config that was sent, and its token. */
export interface Sent {
  readonly config: InternalAxiosRequestConfig;
  readonly token: string;
}

/** The fields of axios' responses and errors. An adapter may add anything else. */
const KNOWN_FIELDS: ReadonlySet<PropertyKey> = new Set(
  'status statusText headers config request response data cause errors message name code stack isAxiosError'.split(' '),
);

/** Redacts the token in a response: the native request keeps its headers, and an adapter may have copied the config. */
export function redactToken(holder: Holder, sent: Sent): void {
  const isFromWire = isObject(holder.request);
  if (isFromWire) {
    eraseAuthorization(holder.request as object);
    // A field that cannot be replaced is no reason to fail a call that got a response.
    Reflect.set(holder, 'request', snapshotOf(holder.request as object));
  }
  if (holder.config !== sent.config) {
    deleteAuthorization(holder.config?.headers);
  }
  if (isObject(holder.data)) {
    redactBody(holder, isFromWire, sent);
  }
  // A list of fields would cost more than this loop.
  for (const field in holder) {
    if (!KNOWN_FIELDS.has(field)) {
      redactOthers(holder, sent.token);
      break;
    }
  }
}

/** A live body leads to its request, and so do its later failures. */
function redactBody(holder: Holder, isFromWire: boolean, sent: Sent): void {
  const { data } = holder;
  const redact = (error: unknown): void => redactTokenOfError(error, sent);
  if (data instanceof Readable && (isNative(data) || leadsToToken(data, sent.token))) {
    Reflect.set(holder, 'data', new DetachedStream(data, redact));
  } else if (isNodeStream(data)) {
    data.prependListener?.('error', redact);
  } else if (isWebStream(data) && !data.locked && (isFromWire || leadsToToken(data, sent.token))) {
    Reflect.set(holder, 'data', detachWebStream(data, redact));
  }
}

/** A response of Node's `http` or `http2`. It leads to its request by paths that the search would not find. */
function isNative(data: Readable): boolean {
  return 'rawHeaders' in data || 'sentHeaders' in data;
}

function redactOthers(holder: object, token: string): void {
  for (const key of Reflect.ownKeys(holder)) {
    if (!KNOWN_FIELDS.has(key)) {
      const value = Object.getOwnPropertyDescriptor(holder, key)?.value as unknown;
      if (leadsToToken(value, token)) {
        Reflect.set(holder, key, isObject(value) ? snapshotOf(value) : undefined);
      }
    }
  }
}

/** Redacts the token in an error and in all its causes. An adapter may be built on another axios. */
export function redactTokenOfError(error: unknown, sent: Sent): void {
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
