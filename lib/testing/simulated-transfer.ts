import type { ServerResponse } from 'node:http';
import type { SimulatedAnswer } from './simulated-answer.js';

/** How a response is sent. */
export type SimulatedTransfer = (response: ServerResponse, answer: SimulatedAnswer) => void;

function setHead(response: ServerResponse, { status, headers }: SimulatedAnswer): void {
  response.statusCode = status;
  Object.entries(headers).forEach(([name, value]) => response.setHeader(name, value));
}

/** The number of writes of a streamed body. */
const PIECES = 4;

export const sendWhole: SimulatedTransfer = (response, answer) => {
  setHead(response, answer);
  if (answer.isStreamed === true) {
    sendInPieces(response, Buffer.from(answer.body));
  } else {
    response.end(answer.body);
  }
};

/** Sends each piece after the one before has left, so that they are not combined. */
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

/** Sends the head and the first byte at once, then one byte for each call back of `next`. */
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

/** Sends the head and half of the body, then ends the connection. */
export const sendBrokenOff: SimulatedTransfer = (response, answer) => {
  setHead(response, answer);
  const body = Buffer.from(answer.body);
  // An empty body lacks a byte as well, otherwise the response would be complete.
  response.setHeader('Content-Length', Math.max(1, body.length));
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => hangUp(response));
};

export function hangUp(response: ServerResponse): void {
  response.socket?.destroy();
}
