import type { ServerResponse } from 'node:http';
import type { SimulatedAnswer } from './simulated-answer.js';

/** How an answer goes over the wire. */
export type SimulatedTransfer = (response: ServerResponse, answer: SimulatedAnswer) => void;

function setHead(response: ServerResponse, { status, headers }: SimulatedAnswer): void {
  response.statusCode = status;
  Object.entries(headers).forEach(([name, value]) => response.setHeader(name, value));
}

/** How many writes a streamed body takes. */
const PIECES = 4;

export const sendWhole: SimulatedTransfer = (response, answer) => {
  setHead(response, answer);
  if (answer.isStreamed === true) {
    sendInPieces(response, Buffer.from(answer.body));
  } else {
    response.end(answer.body);
  }
};

/** Each piece once the one before has left, so that they do not leave as one. */
function sendInPieces(response: ServerResponse, body: Buffer): void {
  const size = Math.ceil(body.length / PIECES);
  const sendFrom = (start: number): void => {
    if (start >= body.length) {
      response.end();
    } else if (!response.destroyed) {
      response.write(body.subarray(start, start + size), () => setImmediate(sendFrom, start + size));
    }
  };
  sendFrom(0);
}

/** The head and the first byte at once, then one byte each time that `next` calls back. */
export function sendDripping(next: (then: () => void) => void): SimulatedTransfer {
  return (response, answer) => {
    setHead(response, answer);
    const body = Buffer.from(answer.body);
    const sendFrom = (start: number): void => {
      if (start >= body.length) {
        response.end();
      } else if (!response.destroyed) {
        response.write(body.subarray(start, start + 1));
        next(() => sendFrom(start + 1));
      }
    };
    sendFrom(0);
  };
}

/** The head and half of the body, then the end of the connection. */
export const sendBrokenOff: SimulatedTransfer = (response, answer) => {
  setHead(response, answer);
  const body = Buffer.from(answer.body);
  // Even an empty body lacks a byte, or the answer would be complete.
  response.setHeader('Content-Length', Math.max(1, body.length));
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => hangUp(response));
};

export function hangUp(response: ServerResponse): void {
  response.socket?.destroy();
}
