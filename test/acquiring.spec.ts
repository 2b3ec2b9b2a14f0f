import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  QuiqupAccessToken,
  QuiqupCredentialsRefusedError,
  QuiqupTokenEndpointUnavailableError,
  QuiqupTokenWaitTimeoutError,
} from 'nestjs-quiqup-auth';
import { inspect } from 'node:util';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { describeOnEachStore } from './support/each-store.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';

function repeat<T>(times: number, work: () => Promise<T>): Promise<T>[] {
  return Array.from({ length: times }, work);
}

describeOnEachStore('A cold start', (cache) => {
  let quiqup: QuiqupApp;
  const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
    quiqup = await QuiqupApp.start({ ...options, module: { cache: cache(), ...options.module } });
  };
  afterEach(() => quiqup.stop());

  it('makes one token request for 100 calls at once', async () => {
    await start();
    const answers = await Promise.all(repeat(100, () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('makes one refused request for 100 calls at once, and every call gets the error', async () => {
    await start({ module: { clientSecret: 'wrong' } });
    const outcomes = await Promise.allSettled(repeat(100, () => quiqup.tokens.getAccessToken()));
    for (const outcome of outcomes) {
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(QuiqupCredentialsRefusedError);
    }
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('finds the token that a former process of this account has left in the store', async () => {
    await start();
    const left = await quiqup.tokens.getAccessToken();
    const { simulator } = quiqup;
    await quiqup.app.close();
    await start({ simulator });
    const found = await quiqup.tokens.getAccessToken();
    const isShared = 'redis' in cache();
    expect(found === left).toBe(isShared);
    expect(quiqup.tokenRequests).toBe(isShared ? 1 : 2);
  });
});

describe('A call that waits for a token', () => {
  let quiqup: QuiqupApp;
  beforeEach(async () => {
    quiqup = await QuiqupApp.start();
  });
  afterEach(async () => {
    releaseClock();
    await quiqup.stop();
  });

  it('leaves at once when its signal aborts, while the others go on waiting', async () => {
    quiqup.simulator.stall(50, { on: 'token' });
    const controller = new AbortController();
    const first = quiqup.tokens.getAccessToken({ signal: controller.signal });
    const second = quiqup.tokens.getAccessToken();
    controller.abort(new Error('the user has gone'));
    await expect(first).rejects.toThrow('the user has gone');
    expect(await second).toHaveLength(64);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('fetches for the next one even when it is the last to leave', async () => {
    quiqup.simulator.stall(50, { on: 'token' });
    const controller = new AbortController();
    const only = quiqup.tokens.getAccessToken({ signal: controller.signal });
    controller.abort();
    await expect(only).rejects.toThrow(/aborted/);
    await quiqup.eventually('acquired');
    expect(quiqup.tokens.peek()).toHaveLength(64);
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('is not even begun with a signal that has aborted before', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    for (const call of [
      quiqup.tokens.getAccessToken({ signal }),
      quiqup.tokens.getToken({ signal }),
      quiqup.tokens.refresh({ signal }),
      quiqup.tokens.reject('some-token', { signal }),
    ]) {
      await expect(call).rejects.toThrow('too late');
    }
    expect(quiqup.tokenRequests).toBe(0);
  });

  it('gives up after timeouts.wait, and the token that comes later serves the next', async () => {
    holdClock();
    quiqup.simulator.stall(11_000, { on: 'token' });
    const call = quiqup.tokens.getAccessToken();
    const failed = expect(call).rejects.toThrow(QuiqupTokenWaitTimeoutError);
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    await turnClock(10_000);
    await failed;
    await turnClock(1_000);
    await quiqup.eventually('acquired');
    expect(quiqup.tokens.peek()).toBeDefined();
    expect(quiqup.tokenRequests).toBe(1);
  });

  it('is served by an answer that took longer than its token lives', async () => {
    holdClock();
    quiqup.simulator.lifetime = 1;
    quiqup.simulator.stall(3_000, { on: 'token' });
    const calls = repeat(10, () => quiqup.tokens.getAccessToken());
    await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
    await turnClock(3_000);
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(quiqup.tokenRequests).toBe(1);
  });
});

describe('A token endpoint that hangs', () => {
  it('is given up after timeouts.tokenRequest, and asked again', async () => {
    const quiqup = await QuiqupApp.start({ module: { timeouts: { tokenRequest: 50 } } });
    try {
      quiqup.simulator.stall(Infinity, { on: 'token' });
      expect(await quiqup.tokens.getAccessToken()).toHaveLength(64);
      expect(quiqup.rotations).toMatchObject([
        { type: 'renewal-failed', error: { code: 'QUIQUP_TOKEN_REQUEST_TIMEOUT' }, attempt: 1 },
        { type: 'acquired', cause: 'call' },
      ]);
    } finally {
      await quiqup.stop();
    }
  });
});

describe('A passing failure', () => {
  let quiqup: QuiqupApp;
  beforeEach(async () => {
    quiqup = await QuiqupApp.start();
    holdClock();
  });
  afterEach(async () => {
    releaseClock();
    await quiqup.stop();
  });

  it('is repeated three times for all who wait, and then fails them all alike', async () => {
    quiqup.simulator.failNext({ on: 'token', status: 503, times: Infinity });
    const calls = Promise.allSettled(repeat(20, () => quiqup.tokens.getAccessToken()));
    await quiqup.eventually('renewal-failed', 1);
    await turnClock(500);
    await quiqup.eventually('renewal-failed', 2);
    await turnClock(1_000);
    for (const outcome of await calls) {
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(QuiqupTokenEndpointUnavailableError);
    }
    expect(quiqup.tokenRequests).toBe(3);
  });

  it('that ends in between goes unnoticed', async () => {
    quiqup.simulator.failNext({ on: 'token', status: 503, times: 2 });
    const call = quiqup.tokens.getAccessToken();
    await quiqup.eventually('renewal-failed', 1);
    await turnClock(500);
    await quiqup.eventually('renewal-failed', 2);
    await turnClock(1_000);
    expect(await call).toHaveLength(64);
  });
});

describe('refresh', () => {
  it('brings another token while the one in hand is good, once for all who ask at the same time', async () => {
    const quiqup = await QuiqupApp.start();
    try {
      const before = await quiqup.tokens.getAccessToken();
      const refreshed = await Promise.all(repeat(10, () => quiqup.tokens.refresh()));
      expect(new Set(refreshed).size).toBe(1);
      expect(refreshed[0]).not.toBe(before);
      expect(quiqup.tokens.peek()).toBe(refreshed[0]);
      expect(quiqup.tokenRequests).toBe(2);
    } finally {
      await quiqup.stop();
    }
  });

  it('does not take the answer to a request that began before it', async () => {
    const quiqup = await QuiqupApp.start();
    try {
      quiqup.simulator.stall(50, { on: 'token' });
      const early = quiqup.tokens.getAccessToken();
      await eventually(() => quiqup.tokenRequests === 1, 'the endpoint was asked');
      const refreshed = await quiqup.tokens.refresh();
      expect(refreshed).not.toBe(await early);
      expect(quiqup.tokenRequests).toBe(2);
    } finally {
      await quiqup.stop();
    }
  });
});

describe('getToken', () => {
  it('tells when the token ends, and shows itself without its value', async () => {
    const quiqup = await QuiqupApp.start({ simulator: { lifetime: 60 } });
    try {
      const before = Date.now();
      const token = await quiqup.tokens.getToken();
      expect(token).toBeInstanceOf(QuiqupAccessToken);
      expect(token.accessToken).toBe(quiqup.tokens.peek());
      expect(token.expiresAt.getTime() - before).toBeGreaterThan(55_000);
      expect(token.expiresAt.getTime() - before).toBeLessThanOrEqual(61_000);
      const shown = [
        inspect(token, { depth: null, showHidden: true, getters: true }),
        JSON.stringify({ token }),
        inspect([token]),
      ];
      expect(shown.join('\n')).not.toContain(token.accessToken);
      expect(shown.join('\n')).toContain(token.fingerprint);
    } finally {
      await quiqup.stop();
    }
  });
});

describe('A credential given as a function', () => {
  it('is asked before each token request, so that a rotated secret needs no restart', async () => {
    let secret = 'simulated-secret';
    const quiqup = await QuiqupApp.start({
      module: { clientId: () => 'simulated-client', clientSecret: () => Promise.resolve(secret) },
    });
    try {
      await quiqup.tokens.getAccessToken();
      quiqup.simulator.setSecret('simulated-client', 'rotated');
      secret = 'rotated';
      expect(await quiqup.tokens.refresh()).toHaveLength(64);
    } finally {
      await quiqup.stop();
    }
  });

  it.each([
    ['throws', () => Promise.reject(new Error('canary'))],
    ['yields nothing', () => ''],
    ['never answers', () => new Promise<string>(() => undefined)],
  ])('that %s fails the call with an error of its own', async (_name, clientSecret) => {
    const quiqup = await QuiqupApp.start({
      module: { clientSecret, timeouts: { tokenRequest: 20, lock: 30, wait: 1_030 } },
    });
    try {
      const error: unknown = await quiqup.tokens.getAccessToken().catch((reason: unknown) => reason);
      expect(['QUIQUP_CREDENTIALS_UNAVAILABLE', 'QUIQUP_TOKEN_WAIT_TIMEOUT']).toContain(
        (error as { code: string }).code,
      );
      expect(quiqup.rotations[0]).toMatchObject({ error: { code: 'QUIQUP_CREDENTIALS_UNAVAILABLE' } });
      expect(inspect(error, { depth: null })).not.toContain('canary');
      expect(quiqup.tokenRequests).toBe(0);
    } finally {
      await quiqup.stop();
    }
  });
});
