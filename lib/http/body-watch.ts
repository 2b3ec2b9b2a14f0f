import type { InternalAxiosRequestConfig } from 'axios';
import { isNodeStream, isWebStream } from './bodies.js';
import { isObject } from './is-object.js';
import { axios } from './nest-axios.js';

interface NodeBody {
  on(event: string, hear: (error: unknown) => void): unknown;
  removeListener(event: string, hear: (error: unknown) => void): unknown;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
  readonly readableEnded?: boolean;
}

/**
 * Watches a body that can be read once, before it is sent: nobody else handles its failure, and a body that has ended
 * would be sent empty.
 *
 * @param leave receives the error that axios would reject the call with
 * @returns a function that removes the listeners
 */
export function watchBody(
  body: unknown,
  config: InternalAxiosRequestConfig,
  leave: (error: unknown) => void,
): () => void {
  const fail = (error: unknown): void =>
    leave(axios.AxiosError.from(isObject(error) ? error : new Error(String(error)), undefined, config));
  if (isWebStream(body)) {
    return watchWebStream(body, fail);
  }
  const end = (): void => leave(new axios.CanceledError('Request stream has been aborted', config));
  const unwatches = sourcesOf(body).map((source) => watchNodeStream(source, fail, end));
  return () => unwatches.forEach((unwatch) => unwatch());
}

/** The stream itself, and the streams in a form of the `form-data` package. */
function sourcesOf(body: unknown): NodeBody[] {
  const { _streams: parts } = body as { _streams?: unknown };
  const contained = Array.isArray(parts)
    ? (parts as ({ source?: unknown } | undefined)[]).map((part) => part?.source ?? part)
    : [];
  return [body, ...contained].filter((one) => isNodeStream(one));
}

function watchNodeStream(stream: NodeBody, fail: (error: unknown) => void, end: () => void): () => void {
  const unwatch = (): void => {
    for (const [event, hear] of listeners) {
      stream.removeListener(event, hear);
    }
  };
  const listeners = [
    ['error', fail],
    ['end', end],
    ['close', end],
  ] as const;
  for (const [event, hear] of listeners) {
    stream.on(event, hear);
  }
  if (stream.errored) {
    fail(stream.errored);
  } else if (stream.destroyed === true || stream.readableEnded === true) {
    end();
  }
  return unwatch;
}

/** Locks the stream, as the adapter does later: nobody else can end it meanwhile. */
function watchWebStream(stream: ReadableStream, fail: (error: unknown) => void): () => void {
  if (stream.locked) {
    return () => undefined;
  }
  const reader = stream.getReader() as ReadableStreamDefaultReader;
  let isWatched = true;
  reader.closed.catch((error: unknown) => isWatched && fail(error));
  return () => {
    isWatched = false;
    reader.releaseLock();
  };
}
