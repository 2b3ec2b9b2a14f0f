import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import FormDataPackage from 'form-data';
import { File as NodeFile, FormData as NodeFormData } from 'formdata-node';
import { createReadStream } from 'node:fs';
import { Agent } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { eventually } from '../support/eventually.js';
import { QuiqupApp } from '../support/quiqup-app.js';

const CONTENT = 'the label, '.repeat(4);
const PATH = '/api/fulfilment/orders';

let quiqup: QuiqupApp;
beforeEach(async () => {
  quiqup = await QuiqupApp.start();
});
afterEach(() => quiqup.stop());

const post = (body: unknown, config?: AxiosRequestConfig) => quiqup.quiqup.axiosRef.post<unknown>(PATH, body, config);
const failureOf = (call: Promise<unknown>): Promise<AxiosError> =>
  call.then(
    (answer) => Promise.reject(new Error(`The call succeeded with ${String(answer)}.`)),
    (error: AxiosError) => error,
  );
const sent = () => quiqup.simulator.calls.filter(({ kind }) => kind === 'resource');

function fileLike(tag: 'File' | 'Blob', size: number | undefined = CONTENT.length) {
  const source = Readable.from([Buffer.from(CONTENT)]);
  return { name: 'a.pdf', type: 'application/pdf', size, [Symbol.toStringTag]: tag, stream: () => source };
}

class OneShotBlob extends Blob {
  private readonly source = super.stream();

  override stream(): ReturnType<Blob['stream']> {
    return this.source;
  }
}

async function* parts() {
  yield Buffer.from(CONTENT);
}

describe('A body that is not known to be repeatable', () => {
  it.each<[string, () => unknown, AxiosRequestConfig]>([
    ['a stream', () => Readable.from([CONTENT]), {}],
    ['a web stream', () => new Blob([CONTENT]).stream(), { adapter: 'fetch' }],
    [
      'a form of formdata-node with a file of a stream',
      () => {
        const form = new NodeFormData();
        form.set('label', fileLike('File'));
        return form;
      },
      {},
    ],
    [
      'a form of formdata-node with a file of its own',
      () => {
        const form = new NodeFormData();
        form.set('label', new NodeFile([CONTENT], 'a.pdf'));
        return form;
      },
      {},
    ],
    [
      'a form of form-data',
      () => {
        const form = new FormDataPackage();
        form.append('label', Readable.from([Buffer.from(CONTENT)]), { filename: 'a.pdf', knownLength: CONTENT.length });
        return form;
      },
      {},
    ],
    [
      'an object with a stream, sent as a form',
      () => ({ label: Readable.from([Buffer.from(CONTENT)]) }),
      {
        headers: { 'Content-Type': 'multipart/form-data' },
      },
    ],
    ['what is like a Blob', () => fileLike('Blob'), {}],
    ['what is like a File', () => fileLike('File'), {}],
    ['a Blob of a class of its own', () => new OneShotBlob([CONTENT]), {}],
    [
      'a Blob with a stream of its own',
      () => {
        const blob = new Blob([CONTENT]);
        const stream = blob.stream();
        return Object.assign(blob, { stream: () => stream });
      },
      {},
    ],
    [
      'the body of a request',
      () => new Request('http://localhost', { method: 'POST', body: CONTENT }).body,
      {
        adapter: 'fetch',
      },
    ],
  ])('is sent once: its 401 is returned, and a new token is there (%s)', async (_name, body, config) => {
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.revokeAll();
    quiqup.simulator.resetCounters();
    const data = body();
    expect(await failureOf(post(data, config))).toMatchObject({ response: { status: 401 } });
    expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 1, orders: 0 });
    expect(String(sent().at(-1)?.body)).toContain(CONTENT);
    expect(quiqup.events).toContainEqual(expect.objectContaining({ type: 'not-recovered', reason: 'one-shot-body' }));
  });

  it.each<[string, () => unknown]>([
    ['a function', () => () => CONTENT],
    ['an object', () => ({ label: CONTENT })],
    ['an async iterable', parts],
    ['an iterator', () => [CONTENT].values()],
    ['a request', () => new Request('http://localhost', { method: 'POST', body: CONTENT })],
    [
      'a native form with what is like a File',
      () => {
        const form = new FormData();
        form.append('label', fileLike('File'));
        return form;
      },
    ],
  ])('is given to an adapter of the application once alone (%s)', async (_name, body) => {
    let times = 0;
    const failure = await failureOf(
      post(body(), {
        transformRequest: [],
        adapter: async (config) => {
          times += 1;
          const response = { status: 401, statusText: 'Unauthorized', headers: {}, data: '', config };
          throw new axios.AxiosError('Refused', 'ERR_BAD_REQUEST', config, undefined, response);
        },
      }),
    );
    expect(failure).toMatchObject({ response: { status: 401 } });
    expect(times).toBe(1);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('but text, bytes, native files and forms of them are sent again', async () => {
    const form = new FormData();
    form.append('name', 'a label');
    form.append('label', new File([CONTENT], 'a.pdf'));
    form.append('blob', new Blob([CONTENT]));
    for (const body of [CONTENT, Buffer.from(CONTENT), new File([CONTENT], 'a.pdf'), form, { a: 1 }, undefined]) {
      await quiqup.tokens.getAccessToken();
      quiqup.simulator.revokeAll();
      expect(await post(body)).toMatchObject({ status: 201 });
    }
    expect(quiqup.simulator.counters).toMatchObject({ calls: 12, unauthorized: 6 });
  });
});

const listenersOf = (stream: NodeJS.EventEmitter) =>
  ['error', 'end', 'close'].map((event) => stream.listenerCount(event));

describe('A body that waits with its call for a token', () => {
  it.each<[string, () => { data: unknown; source: Readable; fail: () => void; code: string }]>([
    [
      'that cannot be read',
      () => {
        const source = createReadStream('no-such-label.pdf');
        return { data: source, source, fail: () => undefined, code: 'ENOENT' };
      },
    ],
    [
      'that fails',
      () => {
        const source = new PassThrough();
        const fail = () => void source.destroy(Object.assign(new Error('gone'), { code: 'EGONE' }));
        return { data: source, source, fail, code: 'EGONE' };
      },
    ],
    [
      'that is destroyed',
      () => {
        const source = new PassThrough();
        return { data: source, source, fail: () => void source.destroy(), code: 'ERR_CANCELED' };
      },
    ],
    [
      'that somebody else reads to its end',
      () => {
        const source = Readable.from([CONTENT]);
        return { data: source, source, fail: () => void source.resume(), code: 'ERR_CANCELED' };
      },
    ],
    [
      'that was destroyed before',
      () => {
        const source = new PassThrough().destroy();
        return { data: source, source, fail: () => undefined, code: 'ERR_CANCELED' };
      },
    ],
    [
      'whose part in a form cannot be read',
      () => {
        const source = createReadStream('no-such-label.pdf');
        const data = new FormDataPackage();
        data.append('label', source);
        return { data, source, fail: () => undefined, code: 'ENOENT' };
      },
    ],
  ])('%s fails the call at once, and nothing is sent', async (_how, begin) => {
    quiqup.simulator.stall(600, { on: 'token' });
    const { data, source, fail, code } = begin();
    const before = listenersOf(source);
    const startedAt = performance.now();
    const call = failureOf(post(data));
    await eventually(() => quiqup.tokenRequests === 1 || code === 'ERR_CANCELED', 'the endpoint was asked');
    fail();
    expect(await call).toMatchObject({ isAxiosError: true, code, config: { url: PATH } });
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(listenersOf(source).map((count, index) => count <= (before[index] ?? 0))).toEqual([true, true, true]);
    await quiqup.settled();
    expect(quiqup.simulator.counters.calls).toBe(0);
  });

  it('of the web fails its call, and is free again for the adapter else', async () => {
    quiqup.simulator.stall(300, { on: 'token' });
    let controller: ReadableStreamDefaultController | undefined;
    const failing = new ReadableStream({ start: (one) => void (controller = one) });
    const failed = failureOf(post(failing, { adapter: 'fetch' }));
    const sending = post(new Blob([CONTENT]).stream(), { adapter: 'fetch' });
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    controller?.error(new Error('gone'));
    expect(await failed).toMatchObject({ isAxiosError: true, message: 'gone' });
    expect(await sending).toMatchObject({ status: 201 });
    expect(sent().map(({ body }) => String(body))).toEqual([CONTENT]);
  });

  it('is sent whole when the token is there, and keeps no listener', async () => {
    quiqup.simulator.stall(100, { on: 'token' });
    const source = new PassThrough();
    source.write(CONTENT);
    const call = post(source);
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    source.end(CONTENT);
    expect(await call).toMatchObject({ status: 201 });
    expect(String(sent()[0]?.body)).toBe(CONTENT + CONTENT);
  });
});

const revoked = async (answer: string) => {
  await quiqup.tokens.getAccessToken();
  quiqup.simulator.revokeAll();
  quiqup.simulator.resetCounters();
  quiqup.simulator.alterNext({ on: 'resource', body: () => answer });
};

const get = (config: AxiosRequestConfig) => quiqup.quiqup.axiosRef.get<unknown>(PATH, config);

describe('A 401', () => {
  it.each<[string, AxiosRequestConfig]>([
    ['http', {}],
    ['http without redirects', { maxRedirects: 0 }],
    ['http as a stream', { responseType: 'stream' }],
    ['http as bytes', { responseType: 'arraybuffer' }],
    ['fetch', { adapter: 'fetch' }],
    ['fetch as a stream', { adapter: 'fetch', responseType: 'stream' }],
    ['a fetch of its own', { adapter: 'fetch', env: { fetch: (input, init) => fetch(input, init) } }],
  ])('whose page is longer than maxContentLength is recovered (%s)', async (_name, config) => {
    await revoked('x'.repeat(5_000));
    expect(await get({ ...config, maxContentLength: 2_000 })).toMatchObject({ status: 200 });
    expect(quiqup.simulator.counters).toMatchObject({ calls: 2, tokenRequests: 1 });
  });

  it('that stands fails as axios has it when its page is too long', async () => {
    quiqup.simulator.policy = 'reuse';
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.failNext({ status: 401, body: 'x'.repeat(5_000), on: 'resource' });
    expect(await failureOf(get({ maxContentLength: 2_000 }))).toMatchObject({
      code: 'ERR_BAD_RESPONSE',
      message: 'maxContentLength size of 2000 exceeded',
      request: { res: { statusCode: 401 } },
    });
  });

  it.each([5, 5_000_000])('does not hold the connection that the token request needs (%i bytes)', async (bytes) => {
    await quiqup.stop();
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    quiqup = await QuiqupApp.start({ module: { http: { httpAgent } } });
    await revoked('x'.repeat(bytes));
    expect(await get({ responseType: 'stream' })).toMatchObject({ status: 200 });
    httpAgent.destroy();
  });

  it.each(['http', 'fetch'])('can be read by its caller when no other token is there (%s)', async (adapter) => {
    quiqup.simulator.policy = 'reuse';
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.failNext({ status: 401, body: 'refused', on: 'resource' });
    const { response } = await failureOf(get({ adapter, responseType: 'stream' }));
    expect(response).toMatchObject({ status: 401 });
    expect(await text(response?.data as AsyncIterable<Uint8Array>)).toBe('refused');
  });
});
