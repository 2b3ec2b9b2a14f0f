import { Readable } from 'node:stream';
import { snapshotOf } from './request-snapshot.js';

/** The properties that are known once the headers are there. */
const FACTS = [
  'statusCode',
  'statusMessage',
  'httpVersion',
  'httpVersionMajor',
  'httpVersionMinor',
  'headers',
  'rawHeaders',
  'method',
  'url',
  'responseUrl',
  'redirects',
] as const;
/** The properties that come later or change. */
const LATER_FACTS = [
  'aborted',
  'complete',
  'trailers',
  'rawTrailers',
  'headersDistinct',
  'trailersDistinct',
  'rstCode',
];
const FORWARDED_EVENTS = ['aborted', 'timeout', 'trailers'];
const SOCKET_FACTS = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'encrypted',
  'authorized',
] as const;

type Native = Readable & Readonly<Record<string, unknown>> & { setTimeout?(ms: number): unknown };

/**
 * A live body in place of the native one, which leads to the request and the header that it sent. It behaves like the
 * native one, and no property leads from one to the other.
 */
export class DetachedStream extends Readable {
  readonly #source: Native;
  #isStarted = false;
  #hasEnded = false;
  /** How many more bytes to read without a reader. */
  #aheadBytes = 0;

  /**
   * @param redact redacts an error of the stream
   */
  constructor(source: Readable, redact: (error: unknown) => void) {
    super({ objectMode: source.readableObjectMode, highWaterMark: source.readableHighWaterMark });
    this.#source = source as Native;
    if (source.readableEncoding) {
      this.setEncoding(source.readableEncoding);
    }
    describe(this, this.#source);
    this.#follow(redact);
  }

  /** The native response's method of the same name. */
  setTimeout(ms: number, callback?: () => void): this {
    if (callback !== undefined) {
      this.on('timeout', callback);
    }
    this.#source.setTimeout?.(ms);
    return this;
  }

  /** Reads the rest into memory, which frees the connection. A body above the limit is destroyed. */
  async readAhead(limitBytes: number): Promise<void> {
    if (this.#hasEnded || this.destroyed) {
      return;
    }
    this.#aheadBytes = limitBytes;
    const ended = new Promise<void>((resolve) => {
      this.#source.once('end', resolve).once('close', resolve);
    });
    this.#resume();
    await ended;
  }

  override _read(): void {
    this.#resume();
  }

  #resume(): void {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#source.on('data', (chunk: unknown) => this.#take(chunk));
    }
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#source.destroyed && !this.#hasEnded) {
      this.#source.destroy(error ?? undefined);
    }
    // Like a native response: without a listener an error is silent and does not end the process.
    callback(this.listenerCount('error') === 0 ? null : error);
  }

  #take(chunk: unknown): void {
    const wantsMore = this.push(chunk);
    if (this.#aheadBytes === 0) {
      if (!wantsMore) {
        this.#source.pause();
      }
      return;
    }
    this.#aheadBytes -= (chunk as Partial<Uint8Array>).length ?? 1;
    if (this.#aheadBytes <= 0) {
      this.destroy(new Error('The body of the refused call was too long to be kept.'));
    }
  }

  #follow(redact: (error: unknown) => void): void {
    const source = this.#source;
    source.on('error', (error) => {
      redact(error);
      this.destroy(error);
    });
    source.on('end', () => this.#end());
    source.on('close', () => this.#hasEnded || this.destroy());
    for (const event of FORWARDED_EVENTS) {
      source.on(event, (...args) => this.emit(event, ...args));
    }
    if (source.readableEnded) {
      this.#end();
    } else if (source.destroyed) {
      this.destroy(source.errored ?? undefined);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.push(null);
  }
}

/** Adds the properties of a native response that readers use. */
function describe(standIn: Readable, source: Native): void {
  const define = (name: string, descriptor: PropertyDescriptor): void =>
    void Object.defineProperty(standIn, name, { configurable: true, ...descriptor });
  for (const fact of FACTS) {
    if (fact in source) {
      define(fact, { enumerable: true, writable: true, value: source[fact] });
    }
  }
  for (const fact of LATER_FACTS) {
    if (fact in source) {
      define(fact, { enumerable: true, get: () => source[fact] });
    }
  }
  const { req, socket } = source;
  if (typeof req === 'object' && req !== null) {
    define('req', { enumerable: true, writable: true, value: snapshotOf(req) });
  }
  if (typeof socket === 'object' && socket !== null) {
    const facts = Object.fromEntries(SOCKET_FACTS.map((fact) => [fact, Reflect.get(socket, fact) as unknown]));
    // The last one for the `form-data` package, which names a part by the path of its source.
    const value = { ...facts, _httpMessage: Reflect.get(standIn, 'req') as unknown };
    for (const name of ['socket', 'connection', 'client']) {
      define(name, { enumerable: name === 'socket', writable: true, value });
    }
  }
}
