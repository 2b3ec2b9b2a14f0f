import { Blob, File } from 'node:buffer';
import { types } from 'node:util';
import { isObject } from './is-object.js';

/** The runtime's own classes hold their bytes or can read them again. A library's classes may not. */
const BLOBS: ReadonlySet<unknown> = new Set([Blob.prototype, File.prototype, globalThis.File?.prototype]);

/**
 * Whether a body can be sent only once. Text, bytes, and the runtime's own `Blob`, `File`,
 * `URLSearchParams` and `FormData` can be sent again. Any other body might be empty the second time, and the server might
 * accept that.
 */
export function isOneShotBody(data: unknown): boolean {
  if (typeof data === 'function') {
    return true;
  }
  return isObject(data) && !isRepeatable(data);
}

function isRepeatable(data: object): boolean {
  if (ArrayBuffer.isView(data) || types.isAnyArrayBuffer(data)) {
    return true;
  }
  if (isPlainInstance(data, FormData.prototype)) {
    const parts = [...FormData.prototype.values.call(data as FormData)] as unknown[];
    return parts.every((part) => typeof part === 'string' || isNativeBlob(part));
  }
  return isPlainInstance(data, URLSearchParams.prototype) || isNativeBlob(data);
}

function isNativeBlob(data: unknown): boolean {
  return isObject(data) && BLOBS.has(Object.getPrototypeOf(data)) && !hasOwnNames(data);
}

/** Excludes subclasses and objects with their own methods. */
function isPlainInstance(data: object, prototype: object): boolean {
  return Object.getPrototypeOf(data) === prototype && !hasOwnNames(data);
}

function hasOwnNames(data: object): boolean {
  return Object.getOwnPropertyNames(data).length > 0;
}

/** A Node stream, or an object with the same methods. */
export function isNodeStream(data: unknown): data is NodeJS.ReadableStream & { destroy?(error?: Error): unknown } {
  return (
    isObject(data) &&
    typeof (data as NodeJS.ReadableStream).pipe === 'function' &&
    typeof (data as NodeJS.ReadableStream).on === 'function'
  );
}

export function isWebStream(data: unknown): data is ReadableStream {
  return isObject(data) && typeof (data as ReadableStream).getReader === 'function';
}

/** Ends a response body that nobody will read, which frees its connection. */
export function discardBody(data: unknown): void {
  if (isNodeStream(data)) {
    data.destroy?.();
  } else if (isWebStream(data)) {
    data.cancel().catch(() => undefined);
  } else if (data instanceof Response) {
    data.body?.cancel().catch(() => undefined);
  }
}
