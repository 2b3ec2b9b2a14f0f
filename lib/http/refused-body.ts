import type { AxiosResponse } from 'axios';
import { Readable } from 'node:stream';
import { ioClock, settleWithin } from '../time/index.js';
import { isWebStream } from './bodies.js';
import { DetachedStream } from './detached-stream.js';
import { readWebStreamAhead } from './detached-web-stream.js';

const LONGEST_BYTES = 64 * 1024;
const LONGEST_MS = 1_000;

/**
 * Reads the body of a refused response into memory, which frees its connection. The caller can still read it, unless
 * it is very long or slow.
 */
export async function releaseConnection(response: AxiosResponse | undefined, signal: AbortSignal): Promise<void> {
  const data: unknown = response?.data;
  if (response === undefined) {
    return;
  }
  const limits = { limitMs: LONGEST_MS, signal, clock: ioClock };
  if (data instanceof Readable) {
    const body = data instanceof DetachedStream ? data : new DetachedStream(data, () => undefined);
    response.data = body;
    await settleWithin(body.readAhead(LONGEST_BYTES), { ...limits, atLimit: () => void body.destroy() });
  } else if (isWebStream(data) && !data.locked) {
    const { body, finished, giveUp } = readWebStreamAhead(data, LONGEST_BYTES);
    response.data = body;
    await settleWithin(finished, { ...limits, atLimit: () => undefined }).finally(giveUp);
  }
}
