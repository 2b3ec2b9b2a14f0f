import type { SimulatedFieldError } from './simulated-errors.js';

/** A request to the token endpoint, or any other one. */
export type SimulatedCallKind = 'token' | 'resource';

/** Which requests a fault meets. */
export interface SimulatedFaultScope {
  /** How many requests; `Infinity` for all until {@link QuiqupSimulator.stop}. Default 1. */
  readonly times?: number | undefined;
  /**
   * `'token'` for requests to `POST /oauth/token` alone, `'resource'` for all others alone. Default none: the next
   * request, whatever it is. Any other value throws a `RangeError`.
   */
  readonly on?: SimulatedCallKind | undefined;
  /** Only requests to this path, such as `/orders`, whatever their query. Default none: any path. */
  readonly path?: string | undefined;
}

/** The answer that {@link QuiqupSimulator.failNext} gives in place of the real one. */
export interface SimulatedFailure extends SimulatedFaultScope {
  /** From 200 to 599. */
  readonly status: number;
  /** The `Retry-After` header: seconds, or an HTTP date. Default none. */
  readonly retryAfter?: number | string | undefined;
  /**
   * Text and bytes as they are, or an object to be sent as JSON. Default for a status from 400: the error in the shape
   * that what was asked has (the platform, the last mile, or the token endpoint as `tokenErrors` says); else empty.
   */
  readonly body?: string | object | undefined;
  /** Text of the error that is the default body; not beside `body`. Default that of the status. */
  readonly message?: string | undefined;
  /** What is wrong with which field, within the error that is the default body; not beside `body`. Default none. */
  readonly fields?: readonly SimulatedFieldError[] | undefined;
  /** Default JSON for an object, plain text for text, none for bytes and for an empty body. */
  readonly contentType?: string | undefined;
  /** More headers, `Location` say; they win over those above. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What {@link QuiqupSimulator.alterNext} changes of the real answer; the rest stays. */
export interface SimulatedAlteration extends SimulatedFaultScope {
  /** From 200 to 599. */
  readonly status?: number | undefined;
  /** Set over the real ones. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Makes the body from the fields of the real JSON, `{}` if there is none: text and bytes are sent as they are, all
   * else as JSON. What it throws is answered as the text of a 500.
   */
  readonly body?: ((fields: Readonly<Record<string, unknown>>) => unknown) | undefined;
}

/** How {@link QuiqupSimulator.drop} ends a connection. */
export interface SimulatedDrop extends SimulatedFaultScope {
  /** Without a byte of the answer, or after its head and half of its body. Default `'before-answer'`. */
  readonly at?: 'before-answer' | 'within-answer' | undefined;
}
