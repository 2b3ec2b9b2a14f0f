import type { SimulatedFieldError } from './simulated-errors.js';

/** A request to the token endpoint, or any other request. */
export type SimulatedCallKind = 'token' | 'resource';

/** The requests that get a fault. */
export interface SimulatedFaultScope {
  /** The number of requests; `Infinity` for all until {@link QuiqupSimulator.stop}. Default 1. */
  readonly times?: number | undefined;
  /**
   * `'token'` for requests to `POST /oauth/token` only, `'resource'` for all others only. Default none: the next
   * request of any kind. Any other value throws a `RangeError`.
   */
  readonly on?: SimulatedCallKind | undefined;
  /** Only requests to this path, such as `/orders`, with any query. Default none: any path. */
  readonly path?: string | undefined;
}

/** The response that {@link QuiqupSimulator.failNext} sends instead of the real one. */
export interface SimulatedFailure extends SimulatedFaultScope {
  /** From 200 to 599. */
  readonly status: number;
  /** The `Retry-After` header: seconds, or an HTTP date. Default none. */
  readonly retryAfter?: number | string | undefined;
  /**
   * Text and bytes are sent as they are, an object as JSON. Default for a status from 400: an error in the shape
   * of the endpoint (the platform, the last mile, or the token endpoint by `tokenErrors`); otherwise empty.
   */
  readonly body?: string | object | undefined;
  /** Text of the default error body; not with `body`. Default: the text of the status. */
  readonly message?: string | undefined;
  /** The invalid fields in the default error body; not with `body`. Default none. */
  readonly fields?: readonly SimulatedFieldError[] | undefined;
  /** Default JSON for an object, plain text for text, none for bytes and for an empty body. */
  readonly contentType?: string | undefined;
  /** More headers, such as `Location`. They override those above. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The changes of {@link QuiqupSimulator.alterNext} to the real response. The rest stays. */
export interface SimulatedAlteration extends SimulatedFaultScope {
  /** From 200 to 599. */
  readonly status?: number | undefined;
  /** Replace the real headers of the same names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Makes the body from the fields of the real JSON, `{}` without JSON: text and bytes are sent as they are, other values
   * as JSON. If it throws, the response is a 500 with the error's text.
   */
  readonly body?: ((fields: Readonly<Record<string, unknown>>) => unknown) | undefined;
}

/** How {@link QuiqupSimulator.drop} ends a connection. */
export interface SimulatedDrop extends SimulatedFaultScope {
  /** Before the first byte of the response, or after its head and half of its body. Default `'before-answer'`. */
  readonly at?: 'before-answer' | 'within-answer' | undefined;
}
