import { validateHeaderName, validateHeaderValue } from 'node:http';
import { bodyOf, JSON_CONTENT_TYPE, type SimulatedAnswer } from './simulated-answer.js';
import { errorAnswer, type SimulatedErrorShape } from './simulated-errors.js';
import type {
  SimulatedAlteration,
  SimulatedCallKind,
  SimulatedDrop,
  SimulatedFailure,
  SimulatedFaultScope,
} from './simulated-fault-options.js';
import { sendBrokenOff, sendDripping, sendWhole, type SimulatedTransfer } from './simulated-transfer.js';

/** A fault of one response. A new kind needs a member here and a case in {@link carryOut}. */
export type SimulatedFault =
  | { readonly kind: 'answer'; readonly answerIn: (shape: SimulatedErrorShape) => SimulatedAnswer }
  | { readonly kind: 'alteration'; readonly alter: (answer: SimulatedAnswer) => SimulatedAnswer }
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'drip'; readonly ms: number }
  | { readonly kind: 'drop'; readonly at: 'before-answer' | 'within-answer' };

/** The actions of {@link carryOut} for one request. */
export interface SimulatedExchange {
  /** The shape of this endpoint's errors. */
  readonly errorShape: SimulatedErrorShape;
  /** Does the work (issues the token, creates the order) and returns the response. */
  work(): SimulatedAnswer;
  send(answer: SimulatedAnswer, transfer: SimulatedTransfer): void;
  /** Ends the connection without a response. */
  hangUp(): void;
  /** Calls back in `ms`, never for `Infinity`, and not after a stop. */
  after(ms: number, then: () => void): void;
}

/** Answers a request, with its fault if there is one. */
export function carryOut(fault: SimulatedFault | undefined, exchange: SimulatedExchange): void {
  if (fault?.kind === 'answer') {
    exchange.send(fault.answerIn(exchange.errorShape), sendWhole);
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

/** The queued faults, oldest first. A request gets one at most. */
export class SimulatedFaults {
  readonly #queue: { fault: SimulatedFault; scope: SimulatedFaultScope; left: number }[] = [];

  add(fault: SimulatedFault, scope: SimulatedFaultScope): void {
    const { times = 1, on } = scope;
    if (on !== undefined && !['token', 'resource'].includes(on)) {
      throw new RangeError(`on must be 'token' or 'resource', or left out for the next request; it is '${on}'.`);
    }
    if (!(times === Infinity || Number.isInteger(times)) || times < 1) {
      throw new RangeError(`times must be a whole number from 1, or Infinity; it is ${times}.`);
    }
    this.#queue.push({ fault, scope, left: times });
  }

  take(kind: SimulatedCallKind, path: string): SimulatedFault | undefined {
    const index = this.#queue.findIndex(({ scope }) => (scope.on ?? kind) === kind && (scope.path ?? path) === path);
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

// Arguments are checked here, at the source of a mistake, and not when the response is sent.

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

/** The given body; undefined for Quiqup's own error. */
function givenBody({ status, body, message, fields }: SimulatedFailure): string | object | undefined {
  if (body !== undefined && (message !== undefined || fields !== undefined)) {
    throw new TypeError('message and fields are of the error that Quiqup answers. Leave body out, or them.');
  }
  return body ?? (status < 400 ? '' : undefined);
}

function contentTypeOf(body: string | object): string | undefined {
  if (typeof body === 'string') {
    return body === '' ? undefined : 'text/plain; charset=utf-8';
  }
  return body instanceof Uint8Array ? undefined : JSON_CONTENT_TYPE;
}

export function answerFault(failure: SimulatedFailure): SimulatedFault {
  const { status, retryAfter, message, fields } = failure;
  checkStatus(status);
  const body = givenBody(failure);
  const contentType = failure.contentType ?? (body === undefined ? undefined : contentTypeOf(body));
  const headers = {
    ...(contentType !== undefined && { 'Content-Type': contentType }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...failure.headers,
  };
  checkHeaders(headers);
  const answerIn = (shape: SimulatedErrorShape): SimulatedAnswer => {
    if (body !== undefined) {
      return { status, headers, body: bodyOf(body) };
    }
    const error = errorAnswer(shape, { status, message, fields });
    return { ...error, headers: { ...error.headers, ...headers } };
  };
  return { kind: 'answer', answerIn };
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
