import { describe, expect, it, jest } from '@jest/globals';
import axios, { type AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { isAbandoned, waitFor } from '../lib/http/call-watch.js';
import { deferred } from './support/deferred.js';

type Config = Record<string, unknown>;

const configOf = (config: Config = {}): InternalAxiosRequestConfig =>
  ({ headers: {}, ...config }) as unknown as InternalAxiosRequestConfig;

/** Work that the test ends. */
function someWork() {
  const { promise, resolve, reject } = deferred<string>();
  const signals: AbortSignal[] = [];
  const work = (signal: AbortSignal): Promise<string> => {
    signals.push(signal);
    return promise;
  };
  return { work, signals, end: resolve, fail: reject };
}

/** A call with that body, which waits. */
function waitsWith(body: unknown) {
  const { work, end, signals } = someWork();
  return { call: failureOf(waitFor(configOf(), work, { body })), end, signals };
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no failure', (error) => error); // prettier-ignore
const CANCELED = { name: 'CanceledError', code: 'ERR_CANCELED' };

describe('A call that waits', () => {
  it('has what it waited for, and nobody listens to its signal any more', async () => {
    const { signal } = new AbortController();
    const removed: string[] = [];
    signal.removeEventListener = (type: string) => void removed.push(type);
    const { work, end, signals } = someWork();
    const call = waitFor(configOf({ signal }), work);
    end('a token');
    expect(await call).toBe('a token');
    expect(removed).toEqual(['abort']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('fails as what it waited for does', async () => {
    const { work, fail } = someWork();
    const call = failureOf(waitFor(configOf(), work));
    const error = new Error('no token');
    fail(error);
    expect(await call).toBe(error);
  });

  it.each([null, undefined])('need not have a signal or a token: %s', async (none) => {
    const { work, end } = someWork();
    const call = waitFor(configOf({ signal: none, cancelToken: none }), work);
    end('a token');
    expect(await call).toBe('a token');
  });

  it('takes a signal that only tells whether it is aborted', async () => {
    const { work, end } = someWork();
    const call = waitFor(configOf({ signal: { aborted: false } }), work);
    end('a token');
    expect(await call).toBe('a token');
  });
});

describe('A call whose caller leaves', () => {
  it('ends at once, and so does its part of the work', async () => {
    const controller = new AbortController();
    const { work, signals } = someWork();
    const config = configOf({ signal: controller.signal });
    const call = failureOf(waitFor(config, work));
    controller.abort();
    const error = (await call) as AxiosError;
    expect(error).toMatchObject({ ...CANCELED, config });
    expect(signals[0]?.aborted).toBe(true);
    expect(signals[0]?.reason).toBe(error);
  });

  it.each<[string, () => Config]>([
    ['its signal', () => ({ signal: AbortSignal.abort() })],
    ['its token', () => ({ cancelToken: axios.CancelToken.source().token })],
  ])('before it waits starts no work: by %s', async (_, make) => {
    const config = make();
    const token = config['cancelToken'] as { reason?: unknown } | undefined;
    if (token !== undefined) {
      token.reason = new axios.CanceledError('gone');
    }
    const { work, signals } = someWork();
    expect(await failureOf(waitFor(configOf(config), work))).toMatchObject(CANCELED);
    expect(signals).toEqual([]);
  });

  it('by a token is told why', async () => {
    const source = axios.CancelToken.source();
    const { work } = someWork();
    const call = failureOf(waitFor(configOf({ cancelToken: source.token }), work));
    source.cancel('gone');
    expect(await call).toMatchObject({ ...CANCELED, message: 'gone' });
  });

  it('leaves no listener on a token', async () => {
    const left = new Set<unknown>();
    const token = {
      promise: new Promise(() => undefined),
      subscribe: (hear: unknown) => void left.add(hear),
      unsubscribe: (hear: unknown) => void left.delete(hear),
    };
    const { work, end } = someWork();
    const call = waitFor(configOf({ cancelToken: token }), work);
    expect(left.size).toBe(1);
    end('a token');
    await call;
    expect(left.size).toBe(0);
  });

  it('by a token that only has a promise ends, as does each other call with it, and those that are over do not', async () => {
    const { promise, resolve: leave } = deferred<unknown>();
    const then = jest.spyOn(promise, 'then');
    const config = configOf({ cancelToken: { promise } });
    const over = someWork();
    const isOver = waitFor(config, over.work);
    over.end('a token');
    await isOver;
    const calls = [failureOf(waitFor(config, someWork().work)), failureOf(waitFor(config, someWork().work))];
    leave('gone');
    expect(await Promise.all(calls)).toEqual(['gone', 'gone']);
    expect(over.signals[0]?.aborted).toBe(false);
    expect(then).toHaveBeenCalledTimes(1);
  });

  it('is abandoned', () => {
    expect(isAbandoned(configOf())).toBe(false);
    expect(isAbandoned(configOf({ signal: new AbortController().signal }))).toBe(false);
    expect(isAbandoned(configOf({ signal: AbortSignal.abort() }))).toBe(true);
    expect(isAbandoned(configOf({ cancelToken: {} }))).toBe(false);
    expect(isAbandoned(configOf({ cancelToken: { reason: 'gone' } }))).toBe(true);
    expect(isAbandoned(configOf(), new axios.CanceledError())).toBe(true);
    expect(isAbandoned(configOf(), new Error('another'))).toBe(false);
  });
});

describe('A call whose body breaks while it waits', () => {
  const ABORTED = { ...CANCELED, message: 'Request stream has been aborted' };

  it('fails with the error that axios would have made of it', async () => {
    const body = new PassThrough();
    const { call } = waitsWith(body);
    const cause = new Error('the disk is gone');
    body.destroy(cause);
    expect(await call).toMatchObject({ name: 'Error', message: 'the disk is gone', isAxiosError: true, cause });
    expect(body.listenerCount('error')).toBe(0);
  });

  it('fails with a text, too', async () => {
    const body = new EventEmitter();
    const { call } = waitsWith(Object.assign(body, { pipe: () => undefined }));
    body.emit('error', 'the disk is gone');
    expect(await call).toMatchObject({ message: 'the disk is gone', isAxiosError: true });
  });

  it.each([
    ['was destroyed', () => new PassThrough().destroy(), ABORTED],
    ['had failed', () => broken(), { message: 'broken before', isAxiosError: true }],
    ['had ended', () => Object.assign(streamLike(), { readableEnded: true }), ABORTED],
  ])('starts nothing when it %s before', async (_, make, error) => {
    const { call, signals } = waitsWith(make());
    expect(await call).toMatchObject(error);
    expect(signals).toEqual([]);
  });

  it.each(['end', 'close'])('fails on "%s": nothing would be left to send', async (event) => {
    const body = streamLike();
    const { call } = waitsWith(body);
    body.emit(event);
    expect(await call).toMatchObject(ABORTED);
  });

  it.each([
    ['in a form', (part: unknown) => [part]],
    ['in a form, delayed', (part: unknown) => ['--boundary', undefined, { source: part }]],
  ])('fails when it is %s', async (_, parts) => {
    const part = streamLike();
    const form = Object.assign(streamLike(), { _streams: parts(part) });
    const { call } = waitsWith(form);
    part.emit('end');
    expect(await call).toMatchObject(ABORTED);
    expect(['error', 'end', 'close'].map((event) => form.listenerCount(event))).toEqual([0, 0, 0]);
  });

  it('has no listener left once the wait is over', async () => {
    const body = streamLike();
    const { call, end } = waitsWith(body);
    expect(['error', 'end', 'close'].map((event) => body.listenerCount(event))).toEqual([1, 1, 1]);
    end('a token');
    await call;
    expect(['error', 'end', 'close'].map((event) => body.listenerCount(event))).toEqual([0, 0, 0]);
  });

  it('fails when a web stream does', async () => {
    const source = deferred<never>();
    const body = new ReadableStream({ pull: () => source.promise }, { highWaterMark: 1 });
    const { call } = waitsWith(body);
    expect(body.locked).toBe(true);
    source.reject(new Error('the source is gone'));
    expect(await call).toMatchObject({ message: 'the source is gone', isAxiosError: true });
  });

  it('leaves a web stream free once the wait is over', async () => {
    const body = new ReadableStream();
    const { call, end } = waitsWith(body);
    end('a token');
    await call;
    expect(body.locked).toBe(false);
  });

  it('leaves a web stream to whoever reads it', async () => {
    const body = new ReadableStream();
    body.getReader();
    const { call, end } = waitsWith(body);
    end('a token');
    expect(await call).toBe('no failure');
    expect(body.locked).toBe(true);
  });
});

function streamLike(): EventEmitter {
  return Object.assign(new EventEmitter(), { pipe: () => undefined });
}

function broken(): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.on('error', () => undefined);
  stream.destroy(new Error('broken before'));
  return stream;
}
