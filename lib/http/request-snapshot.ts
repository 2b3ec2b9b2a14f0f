import { deleteAuthorization } from './authorization-header.js';
import { isObject } from './is-object.js';
import { fetchedBy } from './watched-fetch.js';

/** What stands in place of the native request, which keeps the header that it sent. */
export interface RequestSnapshot {
  readonly method?: string;
  readonly protocol?: string;
  readonly host?: string;
  readonly path?: string;
  /** What it was answered, and where the answer came from in the end, after redirects. */
  readonly res?: { readonly statusCode?: number; readonly responseUrl?: string };
}

type Native = Record<PropertyKey, unknown>;

const TEXT_FIELDS = ['method', 'protocol', 'host', 'path'] as const;

function asNative(value: unknown): Native | undefined {
  return isObject(value) ? (value as Native) : undefined;
}

/** The plain facts of a native request, by which people tell one call from another. */
export function snapshotOf(request: object): RequestSnapshot {
  const native = request as Native;
  // Field by field: lists and spreads cost each call as much as all else that is done for it.
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
  // A stream of HTTP/2 is request and answer in one.
  const answer = asNative(native['res']) ?? asNative(asNative(native['_currentRequest'])?.['res']) ?? native;
  const statusCode = answer['statusCode'] ?? fetchedBy(native)?.status;
  const { responseUrl } = answer;
  if (typeof responseUrl !== 'string') {
    return typeof statusCode === 'number' ? { statusCode } : undefined;
  }
  return typeof statusCode === 'number' ? { statusCode, responseUrl } : { responseUrl };
}

/** Where Node's requests, agents and TLS sockets keep headers, by the names of their symbols. */
const HEADER_SYMBOLS: ReadonlySet<string | undefined> = new Set(['kOutHeaders', 'requestOptions', 'connect-options']);
const LINE_END = '\r\n';

/**
 * Takes the header out of a native request that has sent it: an agent of the application's own leads to the request as
 * long as the answer is read.
 */
export function eraseAuthorization(request: object): void {
  const redirectable = asNative((request as Native)['_redirectable']);
  // The same ones by different ways, mostly.
  const natives = new Set([
    request,
    (request as Native)['_currentRequest'],
    redirectable,
    redirectable?.['_currentRequest'],
  ]);
  for (const one of natives) {
    const native = asNative(one);
    if (native !== undefined) {
      eraseFromNative(native);
    }
  }
}

function eraseFromNative(native: Native): void {
  eraseLine(native, '_header');
  for (const output of Array.isArray(native['outputData']) ? (native['outputData'] as Native[]) : []) {
    eraseLine(output, 'data');
  }
  eraseFrom(native['_options']);
  eraseFromSymbols(native);
  eraseFromSymbols(asNative(native['socket']));
}

/** Without an expression: what it last matched can be read from `RegExp` itself. */
function eraseLine(holder: Native, field: string): void {
  const head = holder[field];
  if (typeof head !== 'string') {
    return;
  }
  const start = head.toLowerCase().indexOf(`${LINE_END}authorization: `);
  if (start >= 0) {
    const end = head.indexOf(LINE_END, start + LINE_END.length);
    holder[field] = head.slice(0, start) + head.slice(end);
  }
}

/** By symbol, for reading a description costs more; Node has a few dozen of them, and what it has not is not kept. */
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

function eraseFromSymbols(holder: Native | undefined): void {
  if (holder === undefined) {
    return;
  }
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
