import type { IncomingHttpHeaders } from 'node:http';
import type { SimulatedApi } from './simulated-answer.js';
import type { SimulatedCallKind } from './simulated-fault-options.js';

/** What has happened since the start or the last {@link QuiqupSimulator.resetCounters}, on both origins. */
export interface QuiqupSimulatorCounters {
  /** Requests to the token endpoint, refused ones included. */
  readonly tokenRequests: number;
  /** New tokens; one that is answered again under `reuse` does not count. */
  readonly tokensIssued: number;
  /** Requests to anything else. */
  readonly calls: number;
  /** Those of `calls` that were answered with 401. */
  readonly unauthorized: number;
  /** Orders created, of both APIs. */
  readonly orders: number;
}

/** One request in the log. It holds no secret and no token in clear. */
export interface SimulatedCall {
  /** Arrival, in ms of `performance.now()`. */
  readonly at: number;
  /** The origin that was asked: that of `url` or that of `lastMileUrl`. */
  readonly api: SimulatedApi;
  readonly kind: SimulatedCallKind;
  readonly method: string;
  /** As it was asked for; of a token request without the query. */
  readonly path: string;
  /** 0 while there is no answer. */
  readonly status: number;
  /** Without `authorization`. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The raw body, once it has arrived; never that of a token request. */
  readonly body?: Buffer;
  /** The first 8 hex digits of the SHA-256 of the bearer token presented, or of the access token answered. */
  readonly token?: string;
  /** Who asked for a token, as claimed; else whose token it was, if it was good. */
  readonly clientId?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A call while it is under way. */
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
