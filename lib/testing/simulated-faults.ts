import { validateHeaderValue } from 'node:http';
import { JSON_CONTENT_TYPE, type SimulatedAnswer } from './simulated-answer.js';

/** A request to the token endpoint, or any other one. */
export type SimulatedCallKind = 'token' | 'resource';

/** Which requests a fault meets. */
export interface SimulatedFaultScope {
  /** How many requests; `Infinity` for all until {@link QuiqupSimulator.stop}. Default 1. */
  readonly times?: number | undefined;
  /** Default `'token'`. */
  readonly on?: SimulatedCallKind | undefined;
}

/** The answer that {@link QuiqupSimulator.failNext} gives in place of the real one. */
export interface SimulatedFailure extends SimulatedFaultScope {
  /** From 200 to 599. */
  readonly status: number;
  /** The `Retry-After` header: seconds, or an HTTP date. Default none. */
  readonly retryAfter?: number | string | undefined;
  /** Text as it is, or an object to be sent as JSON. Default empty. */
  readonly body?: string | object | undefined;
  /** Default JSON for an object, plain text for text, none for an empty body. */
  readonly contentType?: string | undefined;
}

/** Something that goes wrong with one answer. A new kind is one member here and one case in {@link carryOut}. */
export type SimulatedFault =
  { readonly kind: 'answer'; readonly answer: SimulatedAnswer } | { readonly kind: 'stall'; readonly ms: number };

/** What {@link carryOut} may do with one request. */
export interface SimulatedExchange {
  /** Does the work (issues the token, creates the order) and returns the answer to it. */
  work(): SimulatedAnswer;
  send(answer: SimulatedAnswer): void;
  /** Calls back in `ms`, never for `Infinity`, and not after a stop. */
  after(ms: number, then: () => void): void;
}

/** Answers a request, with the fault that it met, if any. */
export function carryOut(fault: SimulatedFault | undefined, exchange: SimulatedExchange): void {
  switch (fault?.kind) {
    case undefined:
      exchange.send(exchange.work());
      break;
    case 'answer':
      exchange.send(fault.answer);
      break;
    case 'stall': {
      const answer = exchange.work();
      exchange.after(fault.ms, () => exchange.send(answer));
      break;
    }
  }
}

/** Faults yet to come, oldest first; a request meets one of them at most. */
export class SimulatedFaults {
  readonly #queue: { fault: SimulatedFault; on: SimulatedCallKind; left: number }[] = [];

  add(fault: SimulatedFault, { times = 1, on = 'token' }: SimulatedFaultScope): void {
    if (!(times === Infinity || Number.isInteger(times)) || times < 1) {
      throw new RangeError(`times must be a whole number from 1, or Infinity; it is ${times}.`);
    }
    this.#queue.push({ fault, on, left: times });
  }

  take(kind: SimulatedCallKind): SimulatedFault | undefined {
    const index = this.#queue.findIndex(({ on }) => on === kind);
    const entry = this.#queue[index];
    if (entry && --entry.left === 0) {
      this.#queue.splice(index, 1);
    }
    return entry?.fault;
  }

  clear(): void {
    this.#queue.length = 0;
  }
}

export function answerFault(failure: SimulatedFailure): SimulatedFault {
  const { status, retryAfter, body = '', contentType } = failure;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`status must be a whole number from 200 to 599; it is ${status}.`);
  }
  const isText = typeof body === 'string';
  const type = contentType ?? (isText ? body && 'text/plain; charset=utf-8' : JSON_CONTENT_TYPE);
  const headers: Record<string, string> = {};
  if (type) {
    headers['Content-Type'] = type;
  }
  if (retryAfter !== undefined) {
    headers['Retry-After'] = String(retryAfter);
  }
  for (const [name, value] of Object.entries(headers)) {
    // Here, where the mistake is made, rather than when the answer is sent.
    validateHeaderValue(name, value);
  }
  return { kind: 'answer', answer: { status, headers, body: isText ? body : JSON.stringify(body) } };
}

export function stallFault(ms: number): SimulatedFault {
  if (!(ms >= 0)) {
    throw new RangeError(`ms must be a number from 0, or Infinity; it is ${ms}.`);
  }
  return { kind: 'stall', ms };
}
