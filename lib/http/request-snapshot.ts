import { deleteAuthorization } from './authorization-header.js';
import { isObject } from './is-object.js';
import { fetchedBy } from './watched-fetch.js';

/** Replaces the native request, which keeps the header that it sent. */
export interface RequestSnapshot {
  readonly method?: string;
  readonly protocol?: string;
  readonly host?: string;
  readonly path?: string;
  /** The status of the response, and the URL that it came from after redirects. */
  readonly res?: { readonly statusCode?: number; readonly responseUrl?: string };
}

type Native = Record<PropertyKey, unknown>;

const TEXT_FIELDS = ['method', 'protocol', 'host', 'path'] as const;

function asNative(value: unknown): Native | undefined {
  return isObject(value) ? (value as Native) : undefined;
}

/** The plain properties of a native request, which identify the call for people. */
export function snapshotOf(request: object): RequestSnapshot {
  const native = request as Native;
  // Field by field, because lists and spreads would double the cost of a call.
  const snapshot: { -readonly [K in keyof RequestSnapshot]: RequestSnapshot[K] } = {};
  for (const field of TEXT_FIELDS) {
    const value = native[field];
    if (typeof value === 'string') {
      snapshot[field] = value;
    }
  }
  const res = answerOf(native);
  if (res !== undefined) {
    snapshot.res = res;
  }
  return snapshot;
}

function answerOf(native: Native): RequestSnapshot['res'] {
  // A stream of HTTP/2 is both request and response.
  const answer = asNative(native['res']) ?? asNative(asNative(native['_currentRequest'])?.['res']) ?? native;
  const statusCode = answer['statusCode'] ?? fetchedBy(native)?.status;
  const { responseUrl } = answer;
  if (typeof responseUrl !== 'string') {
    return typeof statusCode === 'number' ? { statusCode } : undefined;
  }
  return typeof statusCode === 'number' ? { statusCode, responseUrl } : { responseUrl };
}

/** The descriptions of the symbols under which Node's requests, agents and TLS sockets keep headers. */
const HEADER_SYMBOLS: ReadonlySet<string | undefined> = new Set(['kOutHeaders', 'requestOptions', 'connect-options']);
const LINE_END = '\r\n';

/**
 * Removes the header from a native request after it was sent. The application's own agent leads to the request while the
 * response is read.
 */
export function eraseAuthorization(request: object): void {
  const native = request as Native;
  const redirectable = asNative(native['_redirectable']);
  eraseFromNative(native);
  eraseFromCurrent(native);
  if (redirectable !== undefined) {
    eraseFromNative(redirectable);
    eraseFromCurrent(redirectable, native);
  }
}

/** @param known has been erased already: in most cases both paths lead to the same request */
function eraseFromCurrent(native: Native, known?: Native): void {
  const current = asNative(native['_currentRequest']);
  if (current !== undefined && current !== known) {
    eraseFromNative(current);
  }
}

function eraseFromNative(native: Native): void {
  eraseLine(native, '_header');
  for (const output of Array.isArray(native['outputData']) ? (native['outputData'] as Native[]) : []) {
    eraseLine(output, 'data');
  }
  eraseFrom(native['_options']);
  eraseFromSymbols(native);
  const socket = asNative(native['socket']);
  if (socket?.['encrypted'] === true) {
    eraseFromSymbols(socket);
  }
}

/** Uses no regular expression, because `RegExp` itself keeps the last match. */
function eraseLine(holder: Native, field: string): void {
  const head = holder[field];
  if (typeof head !== 'string') {
    return;
  }
  let start = head.indexOf(`${LINE_END}Authorization: `);
  if (start < 0) {
    start = head.toLowerCase().indexOf(`${LINE_END}authorization: `);
  }
  if (start >= 0) {
    const end = head.indexOf(LINE_END, start + LINE_END.length);
    holder[field] = head.slice(0, start) + head.slice(end);
  }
}

/** A cache by symbol, because reading a description costs more. Node has a few dozen symbols; the limit ends growth. */
const isOfHeaders = new Map<symbol, boolean>();
const MOST_SYMBOLS = 256;

function leadsToHeaders(symbol: symbol): boolean {
  const known = isOfHeaders.get(symbol);
  if (known !== undefined) {
    return known;
  }
  const leads = HEADER_SYMBOLS.has(symbol.description);
  if (isOfHeaders.size < MOST_SYMBOLS) {
    isOfHeaders.set(symbol, leads);
  }
  return leads;
}

function eraseFromSymbols(holder: Native): void {
  for (const symbol of Object.getOwnPropertySymbols(holder)) {
    if (leadsToHeaders(symbol)) {
      eraseFrom(holder[symbol]);
    }
  }
}

function eraseFrom(holder: unknown): void {
  const native = asNative(holder);
  deleteAuthorization(native);
  deleteAuthorization(asNative(native?.['headers']));
}
