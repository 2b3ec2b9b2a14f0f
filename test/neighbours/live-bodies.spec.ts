import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleLogger } from '@nestjs/common';
import axios, { type AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { once } from 'node:events';
import { Agent, createServer, get as httpGet, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import FormDataPackage from 'form-data';
import { pino } from 'pino';
import winston from 'winston';
import { waysTo as allWaysTo } from '../support/find-secret.js';
import { QuiqupApp } from '../support/quiqup-app.js';

/** But for what any expression last matched, which every one leads to by way of `RegExp`. */
function waysTo(secret: string, value: unknown): string[] {
  /./.test('nothing');
  return allWaysTo(secret, value);
}

let quiqup: QuiqupApp;
let server: Server;
let http2Server: Http2Server;
let url: string;
let http2Url: string;
/** Ends the answers to `/held`. */
const held = new Set<() => void>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const [, kind, status = '200'] = (request.url ?? '').split('/');
    if (kind === 'moved') {
      response.writeHead(302, { Location: '/plain/200' }).end();
      return;
    }
    const isZipped = kind === 'zipped';
    response.writeHead(Number(status), { ...(isZipped && { 'Content-Encoding': 'gzip' }), Trailer: 'X-Sum' });
    response.write(isZipped ? gzipSync('a label') : 'a label');
    switch (kind) {
      case 'held':
        held.add(() => response.end());
        break;
      case 'broken':
        setTimeout(() => request.socket.destroy(), 20);
        break;
      default:
        response.addTrailers({ 'X-Sum': '7' });
        response.end();
    }
  }).listen(0, '127.0.0.1');
  // A connection that is closed while it is taken again would be no fault of this.
  server.keepAliveTimeout = 60_000;
  http2Server = createHttp2Server();
  http2Server.on('stream', (stream, headers) => {
    stream.respond({ ':status': Number(String(headers[':path']).split('/')[2] ?? 200) });
    stream.end('a label');
  });
  http2Server.listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(http2Server, 'listening')]);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  http2Url = `http://127.0.0.1:${(http2Server.address() as AddressInfo).port}/`;
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [url, http2Url] } });
});
afterAll(async () => {
  await quiqup.stop();
  server.closeAllConnections();
  server.close();
  http2Server.close();
});

function intoText(): { stream: Writable; read: () => string } {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  return { stream, read: () => written };
}

class Recorded extends ConsoleLogger {
  written = '';

  protected override printMessages(...[messages, context, level]: Parameters<ConsoleLogger['printMessages']>): void {
    for (const message of messages) {
      this.written += this.stringifyMessage(message, level ?? 'log') + (context ?? '');
    }
  }
}

/** The output of common loggers for a value. */
function logged(value: unknown): string {
  const nest = new Recorded('Labels', { depth: 12, compact: false });
  nest.error(value);
  nest.warn({ value });
  const pinoOutput = intoText();
  const pinoLogger = pino({ depthLimit: 50, edgeLimit: 1_000 }, pinoOutput.stream);
  pinoLogger.error(value);
  pinoLogger.info({ value, err: value, req: value, res: value });
  const winstonOutput = intoText();
  const winstonLogger = winston.createLogger({
    transports: [new winston.transports.Stream({ stream: winstonOutput.stream })],
    format: winston.format.combine(winston.format.errors({ stack: true }), winston.format.json()),
  });
  winstonLogger.error('It failed', { value });
  winstonLogger.error(value as Error);
  const pretty = winston.createLogger({
    transports: [new winston.transports.Stream({ stream: winstonOutput.stream })],
    format: winston.format.prettyPrint({ depth: 12 }),
  });
  pretty.error('It failed', { value });
  const depths = [2, 5, 8, 12].map((depth) => inspect(value, { depth, showHidden: true, getters: true }));
  return [nest.written, pinoOutput.read(), winstonOutput.read(), ...depths].join('\n');
}

const WAYS: [string, (status: number) => AxiosRequestConfig][] = [
  ['http', (status) => ({ url: `${url}plain/${status}` })],
  ['http without redirects', (status) => ({ url: `${url}plain/${status}`, maxRedirects: 0 })],
  [
    'http with an agent that keeps alive',
    (status) => ({ url: `${url}plain/${status}`, httpAgent: new Agent({ keepAlive: true }) }),
  ],
  ['http, unzipped', (status) => ({ url: `${url}zipped/${status}` })],
  ['http, zipped', (status) => ({ url: `${url}zipped/${status}`, decompress: false })],
  ['http with a limit', (status) => ({ url: `${url}plain/${status}`, maxContentLength: 1_000 })],
  [
    'http, with a report of progress',
    (status) => ({ url: `${url}plain/${status}`, onDownloadProgress: () => undefined }),
  ],
  ['http2', (status) => ({ url: `${http2Url}plain/${status}`, httpVersion: 2 })],
  ['fetch', (status) => ({ url: `${url}plain/${status}`, adapter: 'fetch' })],
  ['fetch with a limit', (status) => ({ url: `${url}plain/${status}`, adapter: 'fetch', maxContentLength: 1_000 })],
];

async function settled(config: AxiosRequestConfig): Promise<AxiosResponse | AxiosError> {
  return quiqup.quiqup.axiosRef.request({ responseType: 'stream', ...config }).catch((error: AxiosError) => error);
}

describe.each(WAYS)('A live body that came by %s', (name, configOf) => {
  it.each([200, 404])('leads no logger to the token, while it is read and after (%i)', async (status) => {
    const outcome = await settled(configOf(status));
    const token = quiqup.tokens.peek() as string;
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(waysTo(token, outcome)).toEqual([]);
    expect(logged(outcome)).not.toContain(token);
    const { data } = (outcome instanceof axios.AxiosError ? outcome.response : outcome) as AxiosResponse<Readable>;
    expect(waysTo(token, data)).toEqual([]);
    const read = await text(data as AsyncIterable<Uint8Array>);
    expect(read).toBe(name === 'http, zipped' ? read : 'a label');
    expect(read.length).toBeGreaterThan(5);
    expect(waysTo(token, outcome)).toEqual([]);
  });
});

function release(): void {
  for (const end of held) {
    end();
  }
  held.clear();
}

const held200 = (config: AxiosRequestConfig = {}) =>
  quiqup.quiqup.axiosRef.get<IncomingMessage>(`${url}held/200`, { responseType: 'stream', ...config });
const plain = async (config: AxiosRequestConfig = {}) =>
  (await quiqup.quiqup.axiosRef.get<IncomingMessage>(`${url}plain/200`, { responseType: 'stream', ...config })).data;

const fetched = () =>
  quiqup.quiqup.axiosRef.get<ReadableStream<Uint8Array<ArrayBuffer>>>(`${url}plain/200`, {
    adapter: 'fetch',
    responseType: 'stream',
  });

describe('The stream of an answer', () => {
  it('has what readers ask a native one for', async () => {
    const data = await plain();
    expect(data).toMatchObject({ statusCode: 200, statusMessage: 'OK', httpVersion: '1.1', aborted: false });
    expect(data.headers).toMatchObject({ trailer: 'X-Sum' });
    expect(data.rawHeaders).toContain('Trailer');
    expect(data.socket).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: Number(new URL(url).port) });
    expect(data).toHaveProperty('req', expect.objectContaining({ method: 'GET', path: '/plain/200' }));
    expect(await text(data)).toBe('a label');
    expect(data).toMatchObject({ complete: true, trailers: { 'x-sum': '7' } });
  });

  it('can be piped, and be a part of a form', async () => {
    const target = new PassThrough();
    await pipeline(await plain(), target);
    expect(await text(target)).toBe('a label');
    const form = new FormDataPackage();
    form.append('label', await plain());
    expect(await text(form.pipe(new PassThrough()))).toMatch(/filename="200"[^]*a label/);
  });

  it('waits for its reader, and stops for a slow one', async () => {
    const data = await plain();
    await new Promise(setImmediate);
    expect(data.readableFlowing).toBeNull();
    data.pause();
    data.setEncoding('utf8');
    const chunks: unknown[] = [];
    data.on('data', (chunk) => chunks.push(chunk)).resume();
    await once(data, 'close');
    expect(chunks).toEqual(['a label']);
  });

  it('that is destroyed ends its connection, and says so', async () => {
    const { data } = await held200({ httpAgent: new Agent() });
    const events: string[] = [];
    for (const event of ['aborted', 'end', 'error', 'close']) {
      data.on(event, () => events.push(event));
    }
    data.destroy();
    await once(data, 'close');
    expect(events).toEqual(['aborted', 'close']);
    expect(data).toMatchObject({ destroyed: true, aborted: true });
  });

  it.each(['read', 'not listened to'])('that breaks off fails as the native one does (%s)', async (how) => {
    const { data } = await quiqup.quiqup.axiosRef.get<IncomingMessage>(`${url}broken/200`, { responseType: 'stream' });
    if (how === 'read') {
      await expect(text(data)).rejects.toMatchObject({ code: 'ECONNRESET' });
    } else {
      const closed = new Promise<void>((resolve) => data.on('close', () => resolve()));
      data.resume();
      await closed;
    }
    expect(data.destroyed).toBe(true);
    expect(waysTo(quiqup.tokens.peek() as string, data)).toEqual([]);
  });

  it('ends with the signal of its call', async () => {
    const controller = new AbortController();
    const { data } = await held200({ signal: controller.signal });
    const reading = text(data).catch((error: unknown) => error);
    controller.abort();
    expect(axios.isCancel(await reading)).toBe(true);
    expect(waysTo(quiqup.tokens.peek() as string, await reading)).toEqual([]);
  });

  it("leaves no token on the application's own agent while it is read", async () => {
    for (const maxRedirects of [0, 5]) {
      const httpAgent = new Agent({ keepAlive: true });
      const { data } = await held200({ httpAgent, maxRedirects });
      expect(Object.keys(httpAgent.sockets)).toHaveLength(1);
      expect(waysTo(quiqup.tokens.peek() as string, httpAgent)).toEqual([]);
      release();
      expect(await text(data)).toBe('a label');
      expect(waysTo(quiqup.tokens.peek() as string, httpAgent)).toEqual([]);
      httpAgent.destroy();
    }
  });

  it('frees its connection for the next call when it was read', async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let times = 0; times < 3; times += 1) {
      expect(await text(await plain({ httpAgent }))).toBe('a label');
    }
    await new Promise(setImmediate);
    expect(Object.values(httpAgent.freeSockets).flat()).toHaveLength(1);
    httpAgent.destroy();
  });

  it('after a redirect shows no token either', async () => {
    const response = await quiqup.quiqup.axiosRef.get<Readable>(`${url}moved`, { responseType: 'stream' });
    expect(waysTo(quiqup.tokens.peek() as string, response)).toEqual([]);
    expect(response.data).toMatchObject({ responseUrl: `${url}plain/200` });
    expect(await text(response.data)).toBe('a label');
  });

  it('through fetch that is too long has an error that shows no token', async () => {
    const { data } = await quiqup.quiqup.axiosRef.get<ReadableStream>(`${url}plain/200`, {
      adapter: 'fetch',
      responseType: 'stream',
      maxContentLength: 3,
    });
    const failure: unknown = await text(data as unknown as AsyncIterable<Uint8Array>).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    expect(waysTo(quiqup.tokens.peek() as string, failure)).toEqual([]);
  });

  it('through fetch can be read with a buffer of the reader, and be cancelled', async () => {
    const { data } = await fetched();
    const reader = data.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(100));
    expect(Buffer.from(value as Uint8Array).toString()).toBe('a label');
    expect(await reader.read(new Uint8Array(100))).toMatchObject({ done: true });
    await (await fetched()).data.cancel();
  });
});

describe('What an adapter of the application adds to its answer', () => {
  type Answer = IncomingMessage & { readonly req: ClientRequest };
  const native = (headers: Record<string, string>) =>
    new Promise<Answer>((resolve) => httpGet(`${url}plain/200`, { headers }, (answer) => resolve(answer as Answer)));

  it.each<[string, (answer: Answer) => Record<string, unknown>]>([
    ['the native answer', (answer) => ({ raw: answer })],
    ['the native request', (answer) => ({ req: answer.req })],
    ['a symbol', (answer) => ({ extra: 1, [Symbol('native')]: answer })],
    ['what it sent', (answer) => ({ options: { headers: answer.req.getHeaders() } })],
  ])('leads to no token: %s', async (_what, add) => {
    for (const fails of [false, true]) {
      const outcome = await settled({
        url: `${url}plain/200`,
        adapter: async (config) => {
          const answer = await native({ Authorization: String(config.headers.Authorization) });
          const parts = add(answer);
          if (fails) {
            throw Object.assign(new Error('It failed'), parts);
          }
          return { status: 200, statusText: 'OK', headers: {}, data: answer, config, ...parts };
        },
      });
      expect(waysTo(quiqup.tokens.peek() as string, Object.assign(outcome, { config: undefined }))).toEqual([]);
    }
  });

  it('is left as it is where it shows none', async () => {
    const data = Readable.from(['a label']);
    const extra = { of: 'the gateway' };
    const response = await settled({
      url: `${url}plain/200`,
      adapter: async (config) => ({ status: 200, statusText: 'OK', headers: {}, data, config, extra }),
    });
    expect((response as AxiosResponse).data).toBe(data);
    expect(response).toHaveProperty('extra', extra);
  });
});
