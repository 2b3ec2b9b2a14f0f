import type { IncomingHttpHeaders } from 'node:http';
import type { SimulatedApi } from './simulated-answer.js';
import type { SimulatedCallKind } from './simulated-fault-options.js';

/** The counts since the start or the last {@link QuiqupSimulator.resetCounters}, for both origins. */
export interface QuiqupSimulatorCounters {
  /** Requests to the token endpoint, including refused ones. */
  readonly tokenRequests: number;
  /** New tokens. A token that is returned again under `reuse` does not count. */
  readonly tokensIssued: number;
  /** All other requests. */
  readonly calls: number;
  /** The requests in `calls` with a 401. */
  readonly unauthorized: number;
  /** Created orders of both APIs. */
  readonly orders: number;
}

/** One request in the log. It contains no secret and no token. */
export interface SimulatedCall {
  /** Arrival, in ms of `performance.now()`. */
  readonly at: number;
  /** The requested origin: that of `url` or that of `lastMileUrl`. */
  readonly api: SimulatedApi;
  readonly kind: SimulatedCallKind;
  readonly method: string;
  /** The path with its query; for a token request without the query. */
  readonly path: string;
  /** 0 while there is no response. */
  readonly status: number;
  /** Without `authorization`. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The raw body, once it has arrived; never the body of a token request. */
  readonly body?: Buffer;
  /** The first 8 hex digits of the SHA-256 of the request's bearer token, or of the issued access token. */
  readonly token?: string;
  /** The client id of a token request, as sent; for another request the owner of a valid token. */
  readonly clientId?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A running call. */
export type OpenCall = Mutable<SimulatedCall>;

const LONGEST_LOG = 10_000;
const NO_COUNTS: QuiqupSimulatorCounters = { tokenRequests: 0, tokensIssued: 0, calls: 0, unauthorized: 0, orders: 0 };

/** The counters and the log. */
export class SimulatedRecords {
  readonly counters: Mutable<QuiqupSimulatorCounters> = { ...NO_COUNTS };
  readonly calls: OpenCall[] = [];

  add(call: OpenCall): void {
    this.counters[call.kind === 'token' ? 'tokenRequests' : 'calls'] += 1;
    this.calls.push(call);
    if (this.calls.length > LONGEST_LOG) {
      this.calls.shift();
    }
  }

  reset(): void {
    Object.assign(this.counters, NO_COUNTS);
    this.calls.length = 0;
  }
}
