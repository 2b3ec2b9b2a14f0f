import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { isAxiosError, type AxiosError, type AxiosRequestConfig } from 'axios';
import FormDataPackage from 'form-data';
import { QuiqupCredentialsRefusedError } from 'nestjs-quiqup-auth';
import type { SimulatedCall } from 'nestjs-quiqup-auth/testing';
import { Readable } from 'node:stream';
import { firstValueFrom } from 'rxjs';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { describeOnEachStore } from './support/each-store.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';

let quiqup: QuiqupApp;
/** Starts with a token in hand and counters at 0. */
const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
  quiqup = await QuiqupApp.start(options);
  await quiqup.tokens.getAccessToken();
  quiqup.simulator.resetCounters();
};
const get = (config?: AxiosRequestConfig) => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders', config);
const repeat = <T>(times: number, work: () => Promise<T>): Promise<T>[] => Array.from({ length: times }, work);
const failureOf = (call: Promise<unknown>): Promise<AxiosError> =>
  call.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: AxiosError) => error,
  );
const post = (body: unknown, config?: AxiosRequestConfig) =>
  quiqup.quiqup.axiosRef.post('/api/fulfilment/orders', body, config);

afterEach(async () => {
  releaseClock();
  await quiqup.stop();
});

describeOnEachStore('A revoked token', (cache) => {
  it.each(['fresh', 'revoke'] as const)(
    'fails none of 100 calls at once and costs one request (%s)',
    async (policy) => {
      await start({ simulator: { policy }, module: { cache: cache() } });
      quiqup.simulator.revokeAll();
      const promises = repeat(50, get);
      const observables = repeat(50, () =>
        firstValueFrom(quiqup.quiqup.post('/api/fulfilment/orders', { of: 'an observable' })),
      );
      const statuses = await Promise.all([...promises, ...observables].map(async (call) => (await call).status));
      expect(statuses).toEqual([...repeat(50, () => 200 as never), ...repeat(50, () => 201 as never)]);
      expect(quiqup.simulator.counters).toMatchObject({ tokenRequests: 1, calls: 200, unauthorized: 100, orders: 50 });
    },
  );

  it('costs one request each time that it happens', async () => {
    await start({ module: { cache: cache() } });
    for (let times = 1; times <= 5; times += 1) {
      quiqup.simulator.revokeAll();
      await Promise.all(repeat(10, get));
      expect(quiqup.tokenRequests).toBe(times);
    }
  });
});

describe('A 401', () => {
  beforeEach(() => start());

  it('that comes late, when the token has been replaced, costs no token request', async () => {
    holdClock();
    quiqup.simulator.revokeAll();
    quiqup.simulator.stall(60_000, { on: 'resource' });
    const late = get();
    await eventually(() => quiqup.simulator.counters.calls === 1, 'the call arrived');
    await get();
    expect(quiqup.tokenRequests).toBe(1);
    await turnClock(60_000);
    expect((await late).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('that persists is answered with one replay, and reaches the caller as it came', async () => {
    quiqup.simulator.failNext({ status: 401, body: 'first', on: 'resource' });
    quiqup.simulator.failNext({ status: 401, body: 'second', on: 'resource' });
    const error = await failureOf(get());
    expect(isAxiosError(error)).toBe(true);
    expect(error).toMatchObject({
      response: { status: 401, data: 'second' },
      config: { url: '/api/fulfilment/orders' },
    });
    expect(quiqup.simulator.counters).toMatchObject({ calls: 2, tokenRequests: 1 });
  });

  it('that validateStatus lets through is recovered all the same', async () => {
    quiqup.simulator.revokeAll();
    const { status, data } = await get({ validateStatus: () => true });
    expect({ status, data }).toEqual({ status: 200, data: [] });
  });

  it('with a body that is a live stream leaves no answer half read', async () => {
    quiqup.simulator.failNext({ status: 401, body: 'x'.repeat(1_000_000), on: 'resource' });
    const { data } = await get({ responseType: 'stream' });
    expect((await (data as Readable).toArray()).join('')).toBe('[]');
  });

  it('stands when the token endpoint refuses the credentials, which is not asked over and over', async () => {
    quiqup.simulator.setSecret(quiqup.simulator.clients[0].clientId, 'another');
    quiqup.simulator.revokeAll();
    for (const error of await Promise.all(repeat(20, () => failureOf(get())))) {
      expect(error).toMatchObject({ isAxiosError: true, response: { status: 401 } });
    }
    expect(quiqup.simulator.counters).toMatchObject({ calls: 20, tokenRequests: 1 });
  });

  it('joins the renewal that is under way', async () => {
    holdClock();
    quiqup.simulator.revokeAll();
    quiqup.simulator.stall(1_000, { on: 'token' });
    const refreshed = quiqup.tokens.refresh();
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    const call = get();
    await eventually(() => quiqup.simulator.counters.unauthorized === 1, 'the call was refused');
    await turnClock(1_000);
    expect((await call).status).toBe(200);
    expect(quiqup.tokens.peek()).toBe(await refreshed);
    expect(quiqup.tokenRequests).toBe(1);
  });
});

describe('A server that reuses tokens', () => {
  it('and has nothing better than the refused token: the caller gets the 401, without a replay', async () => {
    await start({ simulator: { policy: 'reuse' } });
    quiqup.simulator.failNext({ status: 401, body: 'first', on: 'resource' });
    expect(await failureOf(get())).toMatchObject({ response: { status: 401, data: 'first' } });
    expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 1 });
    expect((await get()).status).toBe(200);
    expect(quiqup.tokenRequests).toBe(1);
  });
});

describe('Another status', () => {
  it.each([400, 403, 404, 409, 422, 429, 500, 503])('than 401 says nothing about the token (%d)', async (status) => {
    await start();
    quiqup.simulator.failNext({ status, on: 'resource' });
    expect(await failureOf(get())).toMatchObject({ response: { status } });
    expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 0 });
  });
});

describe('A call for which no token can be had', () => {
  it('is never sent without one', async () => {
    quiqup = await QuiqupApp.start({ module: { clientSecret: 'wrong' } });
    expect(await failureOf(get())).toBeInstanceOf(QuiqupCredentialsRefusedError);
    expect(await failureOf(firstValueFrom(quiqup.quiqup.post('/api/fulfilment/orders', {})))).toBeInstanceOf(
      QuiqupCredentialsRefusedError,
    );
    expect(quiqup.simulator.counters).toMatchObject({ calls: 0, tokenRequests: 1 });
  });
});

/** axios draws the boundary between the parts of a form anew for each sending. */
const framed = (call: SimulatedCall | undefined): unknown => {
  const boundary = /boundary=(.+)/.exec(call?.headers['content-type'] ?? '')?.[1];
  const unframe = (text: string): string => (boundary === undefined ? text : text.replaceAll(boundary, 'boundary'));
  return [JSON.parse(unframe(JSON.stringify(call?.headers))), unframe(String(call?.body?.toString('latin1')))];
};

describe('The body of a replay', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_value, index) => index));
  const form = (): FormData => {
    const data = new FormData();
    data.append('name', 'ümläut');
    data.append('file', new Blob([bytes]), 'bytes.bin');
    return data;
  };

  it.each<[string, () => unknown]>([
    ['JSON', () => ({ to: 'Dubäi', items: [1, 2, { three: null }] })],
    ['text', () => 'plain text'],
    ['JSON text', () => '{"a":1}'],
    ['a buffer', () => bytes],
    ['an array buffer', () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)],
    ['a view of an array buffer', () => new Uint8Array(bytes)],
    ['URLSearchParams', () => new URLSearchParams({ a: '1 & 2', b: 'ü' })],
    ['FormData', form],
    ['a Blob', () => new Blob([bytes])],
    ['nothing', () => undefined],
  ])('is that of the first sending, byte for byte: %s', async (_name, body) => {
    await start();
    let transforms = 0;
    quiqup.simulator.revokeAll();
    await quiqup.quiqup.axiosRef.post('/api/fulfilment/orders', body(), {
      transformRequest: [
        (value: unknown) => {
          transforms += 1;
          return value;
        },
        ...[axios.defaults.transformRequest ?? []].flat(),
      ],
    });
    const [refused, replay] = quiqup.simulator.calls.filter(({ kind }) => kind === 'resource');
    expect(refused).toMatchObject({ status: 401 });
    expect(replay).toMatchObject({ status: 201, method: refused?.method, path: refused?.path });
    expect(framed(replay)).toEqual(framed(refused));
    expect(transforms).toBe(1);
  });
});

describe('A body that can be read only once', () => {
  const CONTENT = 'to be read once';
  const bodies: [string, () => unknown, AxiosRequestConfig][] = [
    ['a stream', () => Readable.from([CONTENT]), {}],
    ['a web stream', () => new Blob([CONTENT]).stream(), { adapter: 'fetch' }],
    [
      'the form-data package',
      () => {
        const data = new FormDataPackage();
        data.append('content', CONTENT);
        return data;
      },
      {},
    ],
  ];

  it.each(bodies)(
    'is sent once: its 401 is returned, and the next call finds a new token (%s)',
    async (_name, body, config) => {
      await start();
      quiqup.simulator.revokeAll();
      expect(await failureOf(post(body(), config))).toMatchObject({ response: { status: 401 } });
      expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 1, orders: 0 });
      expect(await post(body(), config)).toMatchObject({ status: 201 });
      const [refused, accepted] = quiqup.simulator.calls.filter(({ kind }) => kind === 'resource');
      expect(String(refused?.body)).toContain(CONTENT);
      expect(String(accepted?.body)).toContain(CONTENT);
      expect(quiqup.simulator.counters).toMatchObject({ calls: 2, tokenRequests: 1, orders: 1 });
    },
  );

  it.each(bodies)('waits for a renewal under way, to go with the better token (%s)', async (_name, body, config) => {
    await start();
    holdClock();
    quiqup.simulator.stall(500, { on: 'token' });
    void quiqup.tokens.refresh();
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    quiqup.simulator.revokeAll();
    const call = post(body(), config);
    await turnClock(500);
    await quiqup.settled();
    const outcome = await call.catch((error: AxiosError) => error.response);
    // The new token was among the revoked ones, so that the call shows which it was sent with.
    expect(outcome).toMatchObject({ status: 401 });
    expect(quiqup.simulator.calls.findLast(({ kind }) => kind === 'resource')?.token).toBe(
      quiqup.simulator.calls.find(({ kind }) => kind === 'token')?.token,
    );
  });

  it('waits no longer than a second', async () => {
    await start();
    const inHand = quiqup.tokens.peek();
    holdClock();
    quiqup.simulator.stall(5_000, { on: 'token' });
    void quiqup.tokens.refresh();
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    const call = post(Readable.from([CONTENT]));
    await turnClock(999);
    expect(quiqup.simulator.counters.calls).toBe(0);
    await turnClock(1);
    expect(await call).toMatchObject({ status: 201 });
    expect(quiqup.tokens.peek()).toBe(inHand);
    await turnClock(4_000);
  });
});

describe('A caller who leaves while waiting for a token', () => {
  beforeEach(async () => {
    quiqup = await QuiqupApp.start();
    holdClock();
    quiqup.simulator.stall(1_000, { on: 'token' });
  });

  it.each<[string, () => { readonly call: Promise<unknown>; leave: () => void }]>([
    [
      'by an AbortSignal',
      () => {
        const controller = new AbortController();
        return { call: get({ signal: controller.signal }), leave: () => controller.abort() };
      },
    ],
    [
      'by a CancelToken',
      () => {
        const source = axios.CancelToken.source();
        return { call: get({ cancelToken: source.token }), leave: () => source.cancel() };
      },
    ],
  ])('%s leaves at once, and the others get theirs', async (_how, begin) => {
    const { call, leave } = begin();
    const failed = failureOf(call);
    const other = get();
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    leave();
    expect(axios.isCancel(await failed)).toBe(true);
    expect(quiqup.simulator.counters.calls).toBe(0);
    await turnClock(1_000);
    expect((await other).status).toBe(200);
    expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 1 });
  });

  it('by unsubscribing sends nothing, and the others get theirs', async () => {
    const subscription = quiqup.quiqup.get('/api/fulfilment/orders').subscribe();
    const other = firstValueFrom(quiqup.quiqup.get('/api/fulfilment/orders'));
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    subscription.unsubscribe();
    await turnClock(1_000);
    expect((await other).status).toBe(200);
    expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 1 });
  });

  it('between the 401 and the replay is not replayed', async () => {
    const first = get();
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    await turnClock(1_000);
    await first;
    quiqup.simulator.resetCounters();
    quiqup.simulator.revokeAll();
    quiqup.simulator.stall(1_000, { on: 'token' });
    const controller = new AbortController();
    const failed = failureOf(get({ signal: controller.signal }));
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    expect(quiqup.simulator.counters.unauthorized).toBe(1);
    controller.abort();
    expect(axios.isCancel(await failed)).toBe(true);
    await turnClock(1_000);
    await quiqup.settled();
    expect(quiqup.simulator.counters).toMatchObject({ calls: 1, tokenRequests: 1 });
  });
});

describe('reject', () => {
  beforeEach(() => start());

  it('gets another token, once for all who reject the same', async () => {
    const refused = quiqup.tokens.peek() ?? '';
    const others = await Promise.all(repeat(20, () => quiqup.tokens.reject(refused)));
    expect(new Set(others).size).toBe(1);
    expect(others[0]).not.toBe(refused);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('gives the token in hand when another one was refused', async () => {
    expect(await quiqup.tokens.reject('a-token-of-old')).toBe(quiqup.tokens.peek());
    expect(quiqup.tokenRequests).toBe(0);
  });

  it('tells by undefined that there is nothing better', async () => {
    quiqup.simulator.policy = 'reuse';
    expect(await quiqup.tokens.reject(quiqup.tokens.peek() ?? '')).toBeUndefined();
  });
});
