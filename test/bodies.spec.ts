import { afterEach, describe, expect, it } from '@jest/globals';
import { Blob as NodeBlob, File as NodeFile } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { discardBody, isNodeStream, isOneShotBody, isWebStream } from '../lib/http/bodies.js';

class OwnBlob extends Blob {}
class OwnForm extends FormData {}

const formWith = (part: string | Blob): FormData => {
  const form = new FormData();
  form.append('text', 'a text');
  form.append('part', part);
  return form;
};
/** Another's part, where a form of ours would have made a `File` of it. */
const formOf = (part: unknown): FormData => {
  const { values } = FormData.prototype;
  FormData.prototype.values = () => [part][Symbol.iterator]() as ReturnType<FormData['values']>;
  restore = () => void (FormData.prototype.values = values);
  return new FormData();
};
let restore = (): void => undefined;
afterEach(() => restore());

describe('A body that can be sent again', () => {
  it.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['a text', 'a text'],
    ['a number', 1],
    ['a Buffer', Buffer.from('a')],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a SharedArrayBuffer', new SharedArrayBuffer(1)],
    ['a Blob', new Blob(['a'])],
    ["node:buffer's Blob", new NodeBlob(['a'])],
    ['a File', new NodeFile(['a'], 'a.txt')],
    ['URLSearchParams', new URLSearchParams('a=1')],
    ['a form of texts and of a Blob', formWith(new Blob(['a']))],
    ['an empty form', new FormData()],
  ])('is %s', (_, body) => {
    expect(isOneShotBody(body)).toBe(false);
  });
});

const withMethod = <T extends object>(body: T): T => Object.assign(body, { text: () => 'read once' });

describe('A body that may be sent once', () => {
  it.each<[string, unknown]>([
    ['a stream', Readable.from(['a'])],
    ['a web stream', new ReadableStream()],
    ['a function that makes one', () => Readable.from(['a'])],
    ['an object that only its author knows', { pipe: 1 }],
    ['a Blob with a method of its own', withMethod(new Blob(['a']))],
    ['a subclass of Blob', new OwnBlob(['a'])],
    ['a subclass of FormData', new OwnForm()],
    ['a form with a method of its own', withMethod(new FormData())],
    ['URLSearchParams with a method of their own', withMethod(new URLSearchParams())],
  ])('is %s', (_, body) => {
    expect(isOneShotBody(body)).toBe(true);
  });

  it('is a form with a part that may be', () => {
    expect(isOneShotBody(formOf(Readable.from(['a'])))).toBe(true);
    restore();
    expect(isOneShotBody(formOf(null))).toBe(true);
  });
});

describe('A stream', () => {
  it("is Node's, or like it", () => {
    expect(isNodeStream(new PassThrough())).toBe(true);
    expect(isNodeStream({ pipe: () => undefined, on: () => undefined })).toBe(true);
    expect(isNodeStream({ pipe: () => undefined })).toBe(false);
    expect(isNodeStream(new EventEmitter())).toBe(false);
    expect([undefined, null, 'a text'].map(isNodeStream)).toEqual([false, false, false]);
  });

  it("is the web's, or like it", () => {
    expect(isWebStream(new ReadableStream())).toBe(true);
    expect(isWebStream({ getReader: () => undefined })).toBe(true);
    expect(isWebStream({ getReader: true })).toBe(false);
    expect([undefined, null, 'a text'].map(isWebStream)).toEqual([false, false, false]);
  });
});

describe('A response body that nobody reads', () => {
  it('ends, a stream of Node', () => {
    const stream = new PassThrough();
    discardBody(stream);
    expect(stream.destroyed).toBe(true);
    expect(() => discardBody({ pipe: () => undefined, on: () => undefined })).not.toThrow();
  });

  it('ends, a stream of the web, and a response with one', () => {
    const cancelled: string[] = [];
    const streamOf = (name: string): ReadableStream => new ReadableStream({ cancel: () => void cancelled.push(name) });
    discardBody(streamOf('stream'));
    discardBody(new Response(streamOf('response')));
    expect(cancelled).toEqual(['stream', 'response']);
  });

  it('ends without a word where it cannot be cancelled', async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const locked = new ReadableStream();
    locked.getReader();
    const lockedToo = new ReadableStream();
    const response = new Response(lockedToo);
    lockedToo.getReader();
    discardBody(locked);
    discardBody(response);
    discardBody(new Response(null));
    for (const nothing of ['a text', null, undefined, {}]) {
      discardBody(nothing);
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
  });
});
