import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AbortController as Polyfill } from 'abort-controller';
import axios, { type AxiosRequestConfig, type CancelToken, type GenericAbortSignal } from 'axios';
import { getEventListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { firstValueFrom } from 'rxjs';
import { eventually } from '../support/eventually.js';
import { QuiqupApp } from '../support/quiqup-app.js';

let quiqup: QuiqupApp;
beforeEach(async () => {
  quiqup = await QuiqupApp.start();
});
afterEach(() => quiqup.stop());

const get = (config: AxiosRequestConfig) => quiqup.quiqup.axiosRef.get<unknown>('/api/fulfilment/orders', config);
const listenersOf = (token: CancelToken) => (Reflect.get(token, '_listeners') as unknown[] | undefined)?.length ?? 0;

/** As little as axios asks for. */
function minimalSignal() {
  const hearers = new Set<() => void>();
  const signal = {
    aborted: false as boolean,
    addEventListener: (_event: string, hear: () => void) => void hearers.add(hear),
    removeEventListener: (_event: string, hear: () => void) => void hearers.delete(hear),
  } satisfies GenericAbortSignal;
  const abort = (): void => {
    signal.aborted = true;
    for (const hear of hearers) {
      hear();
    }
  };
  return { signal, abort, hearers };
}

interface Canceller {
  readonly config: AxiosRequestConfig;
  cancel(): void;
  /** How many still listen. */
  left(): number;
}

const CANCELLERS: [string, () => Canceller][] = [
  [
    'a signal',
    () => {
      const controller = new AbortController();
      const { signal } = controller;
      return {
        config: { signal },
        cancel: () => controller.abort(),
        left: () => getEventListeners(signal, 'abort').length,
      };
    },
  ],
  [
    'a signal of a polyfill',
    () => {
      const controller = new Polyfill();
      return {
        config: { signal: controller.signal },
        cancel: () => controller.abort(),
        left: () => 0,
      };
    },
  ],
  [
    'what is like a signal',
    () => {
      const { signal, abort, hearers } = minimalSignal();
      return { config: { signal }, cancel: abort, left: () => hearers.size };
    },
  ],
  [
    'a cancel token',
    () => {
      const { token, cancel } = axios.CancelToken.source();
      return { config: { cancelToken: token }, cancel: () => cancel('not needed'), left: () => listenersOf(token) };
    },
  ],
  [
    'a signal beside a cancel token',
    () => {
      const controller = new AbortController();
      const { signal } = controller;
      const { token } = axios.CancelToken.source();
      const left = () => getEventListeners(signal, 'abort').length + listenersOf(token);
      return { config: { signal, cancelToken: token }, cancel: () => controller.abort(), left };
    },
  ],
  [
    'a cancel token beside a signal',
    () => {
      const { signal } = new AbortController();
      const { token, cancel } = axios.CancelToken.source();
      const left = () => getEventListeners(signal, 'abort').length + listenersOf(token);
      return { config: { signal, cancelToken: token }, cancel: () => cancel(), left };
    },
  ],
];

describe.each(CANCELLERS)('A call with %s', (_name, create) => {
  it('goes through without a token, with one, and with a revoked one, and leaves no listener', async () => {
    const { config, left } = create();
    expect(await get(config)).toMatchObject({ status: 200 });
    expect(await get(config)).toMatchObject({ status: 200 });
    quiqup.simulator.revokeAll();
    expect(await get(config)).toMatchObject({ status: 200 });
    expect(left()).toBe(0);
  });

  it('ends at once while it waits for a token', async () => {
    quiqup.simulator.stall(500, { on: 'token' });
    const { config, cancel, left } = create();
    const call = get(config).catch((error: unknown) => error);
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    cancel();
    expect(await call).toBeInstanceOf(axios.CanceledError);
    expect(quiqup.events).toEqual([]);
    expect(left()).toBe(0);
    await quiqup.settled();
    expect(quiqup.simulator.counters.calls).toBe(0);
  });

  it('is nobody’s loss when its caller leaves while it is recovered', async () => {
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.revokeAll();
    quiqup.simulator.resetCounters();
    quiqup.simulator.stall(300, { on: 'token' });
    const { config, cancel, left } = create();
    const call = get(config).catch((error: unknown) => error);
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    cancel();
    expect(await call).toBeInstanceOf(axios.CanceledError);
    await quiqup.settled();
    expect(quiqup.events.map(({ type }) => type)).not.toContain('not-recovered');
    expect(left()).toBe(0);
  });

  it('is nobody’s loss when its caller leaves while it is sent again', async () => {
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.revokeAll();
    quiqup.simulator.stall(0, { on: 'resource' });
    quiqup.simulator.stall(400, { on: 'resource' });
    const { config, cancel } = create();
    const call = get(config).catch((error: unknown) => error);
    await eventually(() => quiqup.simulator.counters.calls === 2, 'the call was sent again');
    cancel();
    expect(await call).toBeInstanceOf(axios.CanceledError);
    expect(quiqup.events.map(({ type }) => type)).not.toContain('not-recovered');
  });

  it('that was given up before is not sent', async () => {
    const { config, cancel } = create();
    cancel();
    expect(await get(config).catch((error: unknown) => error)).toBeInstanceOf(axios.CanceledError);
    expect(quiqup.simulator.counters).toMatchObject({ calls: 0, tokenRequests: 0 });
  });
});

it('No signal is one, whatever stands for it', async () => {
  for (const nothing of [null, undefined]) {
    const config = { signal: nothing, cancelToken: nothing } as unknown as AxiosRequestConfig;
    quiqup.simulator.revokeAll();
    expect(await get(config)).toMatchObject({ status: 200 });
  }
});

it('A cancel token that has a promise alone is heard too', async () => {
  quiqup.simulator.stall(500, { on: 'token' });
  let cancel: ((reason: unknown) => void) | undefined;
  const promise = new Promise((resolve) => (cancel = resolve));
  const cancelToken = { promise, throwIfRequested: () => undefined } as unknown as CancelToken;
  const call = get({ cancelToken }).catch((error: unknown) => error);
  await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
  const reason = new axios.CanceledError('no longer needed');
  cancel?.(reason);
  expect(await call).toBe(reason);
});

it.each([{}, { responseType: 'stream' }] as const)(
  'An observable that is unsubscribed while it waits is not sent (%j)',
  async (config) => {
    quiqup.simulator.stall(100, { on: 'token' });
    const subscription = quiqup.quiqup.get('/api/fulfilment/orders', config).subscribe();
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    subscription.unsubscribe();
    await quiqup.settled();
    expect(quiqup.simulator.counters.calls).toBe(0);
  },
);

it('The stream of an observable can be read after it', async () => {
  const observable = quiqup.quiqup.get<AsyncIterable<Uint8Array>>('/api/fulfilment/orders', { responseType: 'stream' });
  const { data } = await firstValueFrom(observable);
  expect(await text(data)).toBe('[]');
});
