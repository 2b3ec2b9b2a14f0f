import { describe, expect, it } from '@jest/globals';
import type { AxiosResponse } from 'axios';
import { PassThrough, type Readable } from 'node:stream';
import { DetachedStream } from '../lib/http/detached-stream.js';
import { detachWebStream, readWebStreamAhead } from '../lib/http/detached-web-stream.js';
import { releaseConnection } from '../lib/http/refused-body.js';
import { deferred } from './support/deferred.js';

const nothing = (): void => undefined;
/** In its own buffer, because a byte stream takes the whole buffer. */
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const responseWith = (data: unknown): AxiosResponse => ({ data }) as AxiosResponse;
const textOf = async (stream: Readable): Promise<string> => (await stream.toArray()).map(String).join('');

const chunks = (...values: unknown[]): ReadableStream =>
  new ReadableStream({
    start: (controller) => {
      values.forEach((value) => controller.enqueue(value));
      controller.close();
    },
  });
const bytes = (...texts: string[]): ReadableStream =>
  new ReadableStream({
    type: 'bytes',
    start: (controller) => {
      texts.forEach((text) => controller.enqueue(encode(text)));
      controller.close();
    },
  });
const valuesOf = async (stream: ReadableStream): Promise<unknown[]> => {
  const values: unknown[] = [];
  for await (const value of stream) {
    values.push(value);
  }
  return values;
};

describe('A web stream in place of the native one', () => {
  it('has its values, of any kind', async () => {
    expect(await valuesOf(detachWebStream(chunks('a', 1, {}), nothing))).toEqual(['a', 1, {}]);
  });

  it('has its bytes, for readers with a buffer of their own as well', async () => {
    const stream = detachWebStream(bytes('ab', 'cd'), nothing);
    expect(await new Response(stream).text()).toBe('abcd');
    const reader = detachWebStream(bytes('ab'), nothing).getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(8));
    expect(new TextDecoder().decode(first.value)).toBe('ab');
    expect((await reader.read(new Uint8Array(8))).done).toBe(true);
  });

  it('is read only when somebody reads', () => {
    let pulls = 0;
    detachWebStream(new ReadableStream({ pull: () => void (pulls += 1) }, { highWaterMark: 0 }), nothing);
    expect(pulls).toBe(0);
  });

  it('fails as the native one does, with an error fit to be shown', async () => {
    const failing = new ReadableStream({ pull: () => Promise.reject(new Error('broken')) });
    const stream = detachWebStream(failing, (error) => Object.assign(error as object, { isRedacted: true }));
    await expect(valuesOf(stream)).rejects.toMatchObject({ message: 'broken', isRedacted: true });
  });

  it('cancels the native one', async () => {
    const reasons: unknown[] = [];
    const cancel = (reason: unknown): void => void reasons.push(reason);
    await detachWebStream(new ReadableStream({ cancel }), nothing).cancel('one');
    await detachWebStream(new ReadableStream({ type: 'bytes', cancel }), nothing).cancel('two');
    expect(reasons).toEqual(['one', 'two']);
  });

  it('can be read ahead, into memory', async () => {
    const { body, finished } = readWebStreamAhead(chunks(encode('ab'), encode('cd')), 4);
    await finished;
    expect(await new Response(body).text()).toBe('abcd');
  });

  it('is given up when it is longer than the limit', async () => {
    let isCancelled = false;
    const long = new ReadableStream({
      pull: (controller) => controller.enqueue(encode('ab')),
      cancel: () => void (isCancelled = true),
    });
    const { body, finished } = readWebStreamAhead(long, 3);
    await finished;
    expect(isCancelled).toBe(true);
    const reader = body.getReader();
    expect(
      [await reader.read(), await reader.read()].map(({ value }) => new TextDecoder().decode(value as Uint8Array)),
    ).toEqual(['ab', 'ab']);
    await expect(reader.read()).rejects.toThrow('too long or too slow to be kept');
  });

  it('is given up when somebody says so, and not when it has been read', async () => {
    const ahead = readWebStreamAhead(new ReadableStream(), 10);
    ahead.giveUp();
    await expect(new Response(ahead.body).text()).rejects.toThrow('too long or too slow to be kept');
    const read = readWebStreamAhead(chunks(encode('ab')), 10);
    await read.finished;
    read.giveUp();
    expect(await new Response(read.body).text()).toBe('ab');
  });

  it('fails where it is read what failed ahead', async () => {
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error('broken')) });
    const { body, finished } = readWebStreamAhead(broken, 10);
    await finished;
    await expect(new Response(body).text()).rejects.toThrow('broken');
  });
});

describe('The body of a refused call', () => {
  const { signal } = new AbortController();

  it('is taken off its connection, and can still be read', async () => {
    const source = new PassThrough();
    source.end('refused');
    const response = responseWith(source);
    await releaseConnection(response, signal);
    expect(source.readableEnded).toBe(true);
    expect(await textOf(response.data as Readable)).toBe('refused');
  });

  it('stays the same stream where it is one of ours', async () => {
    const source = new PassThrough();
    source.end('refused');
    const stream = new DetachedStream(source, nothing);
    const response = responseWith(stream);
    await releaseConnection(response, signal);
    expect(response.data).toBe(stream);
  });

  it('is taken off as a web stream, too', async () => {
    const source = new Response('refused').body;
    const response = responseWith(source);
    await releaseConnection(response, signal);
    expect(response.data).not.toBe(source);
    expect(await new Response(response.data as ReadableStream).text()).toBe('refused');
  });

  it('is left to whoever reads it, and as it is where it is none', async () => {
    const locked = new ReadableStream();
    locked.getReader();
    for (const data of [locked, 'a text', { a: 1 }, undefined]) {
      const response = responseWith(data);
      await releaseConnection(response, signal);
      expect(response.data).toBe(data);
    }
    await releaseConnection(undefined, signal);
  });

  it.each(['node', 'web'])('is not waited for once the caller leaves: %s', async (kind) => {
    const controller = new AbortController();
    const never = deferred<never>();
    const response = responseWith(
      kind === 'node' ? new PassThrough() : new ReadableStream({ pull: () => never.promise }),
    );
    const released = releaseConnection(response, controller.signal);
    controller.abort(new Error('gone'));
    await expect(released).rejects.toThrow('gone');
  });
});
