import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { DetachedStream } from '../lib/http/detached-stream.js';

type Own = Record<string, unknown>;

const nothing = (): void => undefined;
const sourceWith = (own: Own = {}): PassThrough & Own => Object.assign(new PassThrough(), own);
const detach = (source: Readable, redact: (error: unknown) => void = nothing): DetachedStream & Own =>
  new DetachedStream(source, redact) as DetachedStream & Own;
const textOf = async (stream: Readable): Promise<string> => (await stream.toArray()).map(String).join('');
const LIMIT = 64 * 1_024;

describe('A stream in place of the native one', () => {
  it('has what the native one has, to its end', async () => {
    const source = sourceWith();
    const stream = detach(source);
    source.write('one ');
    source.end('two');
    expect(await textOf(stream)).toBe('one two');
    expect(stream.readableEnded).toBe(true);
  });

  it('reads nothing before it is read', () => {
    const source = sourceWith();
    let reads = 0;
    source.on('resume', () => (reads += 1));
    detach(source);
    expect([source.isPaused(), source.readableFlowing, reads]).toEqual([false, null, 0]);
  });

  it('stops reading while nobody takes what was read', async () => {
    const source = new Readable({ read: nothing, highWaterMark: 4 });
    const stream = detach(source);
    stream.read();
    source.push('abcd');
    await once(source, 'pause');
    source.push('efgh');
    source.push(null);
    expect(await textOf(stream)).toBe('abcdefgh');
  });

  it('has the encoding and the mode of the native one', async () => {
    const source = sourceWith().setEncoding('utf8');
    const stream = detach(source);
    expect(stream.readableEncoding).toBe('utf8');
    source.end('é');
    expect(await stream.toArray()).toEqual(['é']);
    const objects = detach(Readable.from([{ a: 1 }]));
    expect(objects.readableObjectMode).toBe(true);
    expect(await objects.toArray()).toEqual([{ a: 1 }]);
  });

  it('has the facts of a native response, and no way to its request', () => {
    const source = sourceWith({
      statusCode: 200,
      headers: { a: 'b' },
      complete: false,
      req: { method: 'GET', _header: 'a-token' },
      socket: { remoteAddress: '::1', encrypted: true, _httpMessage: { _header: 'a-token' } },
    });
    const stream = detach(source);
    expect(stream).toMatchObject({ statusCode: 200, headers: { a: 'b' }, complete: false, req: { method: 'GET' } });
    expect(stream['req']).toEqual({ method: 'GET' });
    const socket = { remoteAddress: '::1', encrypted: true, _httpMessage: { method: 'GET' } };
    expect([stream['socket'], stream['connection'], stream['client']]).toEqual(
      [1, 2, 3].map(() => expect.objectContaining(socket)),
    );
    expect(Object.keys(stream).filter((name) => ['socket', 'connection', 'client'].includes(name))).toEqual(['socket']);
    Object.assign(source, { complete: true });
    expect(stream['complete']).toBe(true);
    expect('trailers' in stream).toBe(false);
  });

  it.each([null, 'a text', undefined])('may be of a native one without request and socket: %p', (value) => {
    const stream = detach(sourceWith({ req: value, socket: value }));
    expect(['req' in stream, 'socket' in stream]).toEqual([false, false]);
  });

  it('fails as the native one does, with an error fit to be shown', async () => {
    const source = sourceWith();
    const stream = detach(source, (error) => Object.assign(error as object, { isRedacted: true }));
    const failure = once(stream, 'error');
    source.destroy(new Error('broken'));
    expect((await failure)[0]).toMatchObject({ message: 'broken', isRedacted: true });
  });

  it('fails without a word when nobody listens', async () => {
    const source = sourceWith();
    const stream = detach(source);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    source.destroy(new Error('broken'));
    await closed;
    expect(stream.destroyed).toBe(true);
  });

  it('is destroyed with the native one, and the native one with it', async () => {
    const source = sourceWith();
    const stream = detach(source);
    source.destroy();
    await once(stream, 'close');
    expect(stream.destroyed).toBe(true);

    const other = sourceWith();
    other.on('error', nothing);
    const error = new Error('given up');
    const standIn = detach(other).on('error', nothing);
    const closed = new Promise((resolve) => other.once('close', resolve));
    standIn.destroy(error);
    await closed;
    expect(other.errored).toBe(error);
  });

  it('does not destroy a native one that has ended, whose connection others use', async () => {
    const source = new Readable({ read: nothing, autoDestroy: false });
    const stream = detach(source);
    source.push(null);
    await textOf(stream);
    stream.destroy();
    expect(source.destroyed).toBe(false);
  });

  it.each([
    ['ended', async (source: PassThrough) => void (source.end(), source.resume(), await once(source, 'end'))],
    ['was destroyed', async (source: PassThrough) => void (await once(source.destroy(), 'close'))],
  ])('is over where the native one %s before', async (_, before) => {
    const source = sourceWith();
    await before(source);
    const stream = detach(source);
    stream.resume();
    await once(stream, 'close');
    expect(stream.destroyed).toBe(true);
  });

  it('passes on what happens to the native one', () => {
    const source = sourceWith();
    const seen: unknown[] = [];
    const stream = detach(source);
    for (const event of ['aborted', 'timeout', 'trailers']) {
      stream.on(event, (...args: unknown[]) => seen.push([event, ...args]));
      source.emit(event, 1);
    }
    expect(seen).toEqual([
      ['aborted', 1],
      ['timeout', 1],
      ['trailers', 1],
    ]);
  });

  it('has the time limit of the native one', () => {
    const limits: number[] = [];
    const source = sourceWith({ setTimeout: (ms: number) => limits.push(ms) });
    const stream = detach(source);
    let calls = 0;
    expect(stream.setTimeout(5, () => (calls += 1))).toBe(stream);
    source.emit('timeout');
    stream.setTimeout(6);
    expect([limits, calls, stream.listenerCount('timeout')]).toEqual([[5, 6], 1, 1]);
    expect(() => detach(sourceWith()).setTimeout(1)).not.toThrow();
  });
});

describe('A stream that is read ahead', () => {
  it('is whole in memory, so that its connection is free', async () => {
    const source = sourceWith();
    const stream = detach(source);
    const read = stream.readAhead(LIMIT);
    source.write(Buffer.alloc(40_000, 'a'));
    source.end(Buffer.alloc(20_000, 'b'));
    await read;
    expect(source.readableEnded).toBe(true);
    expect((await textOf(stream)).length).toBe(60_000);
  });

  it('is given up when it is longer than the limit', async () => {
    const source = sourceWith();
    const stream = detach(source);
    const failure = once(stream, 'error');
    const read = stream.readAhead(10);
    source.end('0123456789a');
    await read;
    expect((await failure)[0]).toMatchObject({ message: 'The body of the refused call was too long to be kept.' });
    expect(source.destroyed).toBe(true);
  });

  it('counts the values of a stream of objects', async () => {
    const stream = detach(Readable.from([{}, {}, {}]));
    const failure = once(stream, 'error');
    await stream.readAhead(3);
    expect((await failure)[0]).toMatchObject({ message: expect.stringContaining('too long') });
  });

  it('is not read where it is over', async () => {
    const source = sourceWith();
    const stream = detach(source);
    source.end('a');
    await textOf(stream);
    await stream.readAhead(LIMIT);
    const destroyed = detach(sourceWith());
    destroyed.destroy();
    await destroyed.readAhead(LIMIT);
  });
});
