import { validateHeaderName, validateHeaderValue } from 'node:http';
import { bodyOf, JSON_CONTENT_TYPE, type SimulatedAnswer } from './simulated-answer.js';
import { sendBrokenOff, sendDripping, sendWhole, type SimulatedTransfer } from './simulated-transfer.js';

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
  /** Text and bytes as they are, or an object to be sent as JSON. Default empty. */
  readonly body?: string | object | undefined;
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

/** Something that goes wrong with one answer. A new kind is one member here and one case in {@link carryOut}. */
export type SimulatedFault =
  | { readonly kind: 'answer'; readonly answer: SimulatedAnswer }
  | { readonly kind: 'alteration'; readonly alter: (answer: SimulatedAnswer) => SimulatedAnswer }
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'drip'; readonly ms: number }
  | { readonly kind: 'drop'; readonly at: 'before-answer' | 'within-answer' };

/** What {@link carryOut} may do with one request. */
export interface SimulatedExchange {
  /** Does the work (issues the token, creates the order) and returns the answer to it. */
  work(): SimulatedAnswer;
  send(answer: SimulatedAnswer, transfer: SimulatedTransfer): void;
  /** Ends the connection without an answer. */
  hangUp(): void;
  /** Calls back in `ms`, never for `Infinity`, and not after a stop. */
  after(ms: number, then: () => void): void;
}

/** Answers a request, with the fault that it met, if any. */
export function carryOut(fault: SimulatedFault | undefined, exchange: SimulatedExchange): void {
  if (fault?.kind === 'answer') {
    exchange.send(fault.answer, sendWhole);
    return;
  }
  const answer = exchange.work();
  switch (fault?.kind) {
    case undefined:
      exchange.send(answer, sendWhole);
      break;
    case 'alteration':
      exchange.send(fault.alter(answer), sendWhole);
      break;
    case 'stall':
      exchange.after(fault.ms, () => exchange.send(answer, sendWhole));
      break;
    case 'drip':
      exchange.send(
        answer,
        sendDripping((then) => exchange.after(fault.ms, then)),
      );
      break;
    case 'drop':
      if (fault.at === 'before-answer') {
        exchange.hangUp();
      } else {
        exchange.send(answer, sendBrokenOff);
      }
      break;
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

// Arguments are checked here, where the mistake is made, rather than when the answer is sent.

function checkStatus(status: number): void {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`status must be a whole number from 200 to 599; it is ${status}.`);
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}

export function answerFault(failure: SimulatedFailure): SimulatedFault {
  const { status, retryAfter, body = '', contentType } = failure;
  checkStatus(status);
  const sent = bodyOf(body);
  const textType = typeof body === 'string' && body && 'text/plain; charset=utf-8';
  const type = contentType ?? (sent === body ? textType : JSON_CONTENT_TYPE);
  const headers = {
    ...(type && { 'Content-Type': type }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...failure.headers,
  };
  checkHeaders(headers);
  return { kind: 'answer', answer: { status, headers, body: sent } };
}

export function alterationFault({ status, headers = {}, body }: SimulatedAlteration): SimulatedFault {
  if (status !== undefined) {
    checkStatus(status);
  }
  checkHeaders(headers);
  const alter = (answer: SimulatedAnswer): SimulatedAnswer => {
    const altered = { status: status ?? answer.status, headers: { ...answer.headers, ...headers } };
    if (body === undefined) {
      return { ...altered, body: answer.body };
    }
    try {
      const fields = JSON.parse(String(answer.body) || '{}') as Record<string, unknown>;
      return { ...altered, body: bodyOf(body(fields)) };
    } catch (error) {
      return { status: 500, headers: {}, body: `The body function of alterNext failed: ${String(error)}` };
    }
  };
  return { kind: 'alteration', alter };
}

export function stallFault(ms: number): SimulatedFault {
  if (!(ms >= 0)) {
    throw new RangeError(`ms must be a number from 0, or Infinity; it is ${ms}.`);
  }
  return { kind: 'stall', ms };
}

export function dripFault(ms: number): SimulatedFault {
  if (!(ms > 0)) {
    throw new RangeError(`ms must be a number above 0, or Infinity; it is ${ms}.`);
  }
  return { kind: 'drip', ms };
}

export function dropFault({ at = 'before-answer' }: SimulatedDrop): SimulatedFault {
  if (!['before-answer', 'within-answer'].includes(at)) {
    throw new RangeError(`at must be 'before-answer' or 'within-answer'; it is '${at}'.`);
  }
  return { kind: 'drop', at };
}
