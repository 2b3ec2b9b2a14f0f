import { describe, expect, it } from '@jest/globals';
import type { InternalAxiosRequestConfig } from 'axios';
import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { redactToken, redactTokenOfError, type Sent } from '../lib/http/redact-token.js';

const TOKEN = 'a-token';

const configOf = (): InternalAxiosRequestConfig =>
  ({ headers: { Authorization: `Bearer ${TOKEN}`, accept: '*/*' } }) as unknown as InternalAxiosRequestConfig;
const sentWith = (config = configOf()): Sent => ({ config, token: TOKEN });
const nativeRequest = () => ({ method: 'GET', path: '/orders', _header: `Authorization: Bearer ${TOKEN}` });

const redacted = <T extends object>(holder: T, sent = sentWith()): T => {
  redactToken(holder, sent);
  return holder;
};

describe('A response of axios', () => {
  it('has a snapshot of its request', () => {
    expect(redacted({ request: nativeRequest() }).request).toEqual({ method: 'GET', path: '/orders' });
    expect(redacted({ request: undefined })).toEqual({ request: undefined });
  });

  it('is no reason to fail where its request cannot be replaced', () => {
    const request = nativeRequest();
    const frozen = Object.freeze({ request });
    expect(redacted(frozen).request).toBe(request);
  });

  it('has no token in a copy of the config; the config of the call is somebody else’s to clear', () => {
    const sent = sentWith();
    expect(redacted({ config: configOf() }, sent).config.headers).toEqual({ accept: '*/*' });
    expect(redacted({ config: sent.config }, sent).config.headers).toEqual({
      Authorization: `Bearer ${TOKEN}`,
      accept: '*/*',
    });
    expect(() => redacted({ config: {} }, sent)).not.toThrow();
  });

  it('keeps what an adapter adds, unless it leads to the token', () => {
    const key = Symbol('kept');
    const holder = redacted({
      data: 'a text',
      duration: 7,
      timing: { start: 1 },
      raw: `Bearer ${TOKEN}`,
      call: { method: 'GET', options: { token: TOKEN } },
      [key]: [TOKEN],
    });
    expect(holder).toEqual({
      data: 'a text',
      duration: 7,
      timing: { start: 1 },
      raw: undefined,
      call: { method: 'GET' },
      [key]: {},
    });
  });

  it('keeps its own fields, which are not looked through', () => {
    const fields = { status: 200, statusText: TOKEN, headers: { a: TOKEN }, message: TOKEN, name: 'a', code: TOKEN };
    expect(redacted({ ...fields, added: 1 })).toEqual({ ...fields, added: 1 });
  });

  it('does not run a getter that an adapter added', () => {
    let runs = 0;
    const holder = { get made() { return (runs += 1); } }; // prettier-ignore
    redacted(holder);
    expect(runs).toBe(0);
  });
});

const streamWith = (own: object): Readable => Object.assign(Readable.from(['a']), own);

describe('The body of a response', () => {
  it.each<[string, object]>([
    ["of Node's http", { rawHeaders: [] }],
    ["of Node's http2", { sentHeaders: {} }],
    ['that leads to the token', { req: { headers: { authorization: TOKEN } } }],
  ])('is another stream where it is one %s', async (_, own) => {
    const source = streamWith(own);
    const { data } = redacted({ data: source });
    expect(data).not.toBe(source);
    expect(await data.toArray()).toEqual(['a']);
  });

  it('is the same stream where it leads nowhere', () => {
    const source = streamWith({});
    expect(redacted({ data: source }).data).toBe(source);
  });

  it('has its failure redacted before anybody hears of it', () => {
    const seen: unknown[] = [];
    const stream = Object.assign(new EventEmitter(), { pipe: () => undefined });
    stream.on('error', (error: { request?: unknown }) => seen.push(error.request));
    redacted({ data: stream });
    stream.emit('error', Object.assign(new Error('broken'), { request: nativeRequest() }));
    expect(seen).toEqual([{ method: 'GET', path: '/orders' }]);
    expect(() => redacted({ data: { pipe: () => undefined, on: () => undefined } })).not.toThrow();
  });

  it('has its failure redacted where it is another stream', async () => {
    const source = Object.assign(new PassThrough(), { rawHeaders: [] });
    const { data } = redacted({ data: source });
    const failure = new Promise((resolve) => data.once('error', resolve));
    source.destroy(Object.assign(new Error('broken'), { request: nativeRequest() }));
    expect(await failure).toMatchObject({ message: 'broken', request: { method: 'GET', path: '/orders' } });
  });

  it('is another web stream where it is of the wire, or leads to the token', () => {
    const streams = [new ReadableStream(), new ReadableStream(), Object.assign(new ReadableStream(), { at: TOKEN })];
    const [own, ofWire, leading] = streams as [ReadableStream, ReadableStream, ReadableStream];
    expect(redacted({ data: own }).data).toBe(own);
    expect(redacted({ data: ofWire, request: nativeRequest() }).data).not.toBe(ofWire);
    expect(redacted({ data: leading }).data).not.toBe(leading);
  });

  it('is left to whoever reads it already', () => {
    const source = new ReadableStream();
    source.getReader();
    expect(redacted({ data: source, request: nativeRequest() }).data).toBe(source);
  });

  it('is left as it is where it is a text or an object', () => {
    const data = { token: TOKEN };
    expect(redacted({ data, request: nativeRequest() }).data).toBe(data);
    expect(redacted({ data: TOKEN }).data).toBe(TOKEN);
  });
});

describe('An error of a call', () => {
  it('has no token, nor has its response, nor what caused it, however deep', () => {
    const deepest = { request: nativeRequest() };
    const sibling = { request: nativeRequest() };
    const error = {
      request: nativeRequest(),
      response: { request: nativeRequest(), config: configOf() },
      cause: { errors: [deepest, 'a text', undefined, sibling] },
    };
    redactTokenOfError(error, sentWith());
    const snapshot = { method: 'GET', path: '/orders' };
    expect(error).toEqual({
      request: snapshot,
      response: { request: snapshot, config: { headers: { accept: '*/*' } } },
      cause: { errors: [{ request: snapshot }, 'a text', undefined, { request: snapshot }] },
    });
  });

  it('may be its own cause', () => {
    const error: { cause?: unknown; request: unknown } = { request: nativeRequest() };
    error.cause = error;
    redactTokenOfError(error, sentWith());
    expect(error.request).toEqual({ method: 'GET', path: '/orders' });
  });

  it.each([undefined, null, 'a text', { errors: 'a text', response: 'a text', cause: null }])(
    'may be anything: %j',
    (error) => {
      expect(() => redactTokenOfError(error, sentWith())).not.toThrow();
    },
  );
});
