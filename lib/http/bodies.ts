/**
 * Whether a body can be read only once: a Node or web stream, the `form-data` package, an iterator. Sent again it
 * would be empty, and the server might take that for a success.
 */
export function isOneShotBody(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) {
    return false;
  }
  const body = data as { pipe?: unknown; getReader?: unknown; [Symbol.asyncIterator]?: unknown };
  return (
    typeof body.pipe === 'function' ||
    typeof body.getReader === 'function' ||
    typeof body[Symbol.asyncIterator] === 'function'
  );
}

/** Ends a response body that nobody will read, so that its connection is free again. */
export function discardBody(data: unknown): void {
  if (typeof data !== 'object' || data === null) {
    return;
  }
  const body = data as { destroy?: () => void; cancel?: () => Promise<void> };
  if (typeof body.destroy === 'function') {
    body.destroy();
  } else if (typeof body.cancel === 'function') {
    body.cancel().catch(() => undefined);
  }
}

/** Hears of a failure of a live body before its reader does. */
export function onStreamError(data: unknown, listener: (error: unknown) => void): void {
  const body = data as
    { prependListener?: (event: 'error', hear: (error: unknown) => void) => void } | null | undefined;
  if (typeof body?.prependListener === 'function') {
    body.prependListener('error', listener);
  }
}
