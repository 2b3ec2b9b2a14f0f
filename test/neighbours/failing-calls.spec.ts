import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { isAxiosError, type AxiosError, type AxiosInstance } from 'axios';
import { setupCache } from 'axios-cache-interceptor';
import axiosRetry from 'axios-retry';
import { QuiqupAuthError, QuiqupCredentialsRefusedError } from 'nestjs-quiqup-auth';
import { setTimeout as pause } from 'node:timers/promises';
import { types } from 'node:util';
import { attach as attachRetryAxios, type RaxConfig } from 'retry-axios';
import { printsOf, waysTo } from '../support/find-secret.js';
import { QuiqupApp } from '../support/quiqup-app.js';

const READ = '/api/fulfilment/inventory';
const WRONG = 'not-the-secret-of-the-simulator';

let quiqup: QuiqupApp;
let client: AxiosInstance;
let secret: string;
beforeEach(async () => {
  secret = WRONG;
  quiqup = await QuiqupApp.start({ module: { clientSecret: () => secret } });
  client = quiqup.quiqup.axiosRef;
});
afterEach(() => quiqup.stop());

/** Quiqup takes the credentials from now on. */
async function correctSecret(): Promise<void> {
  secret = quiqup.simulator.clients[0].clientSecret;
  // After a refusal, other credentials are looked for once a second.
  await pause(1_050);
}

const failureOf = (call: Promise<unknown>): Promise<AxiosError & QuiqupAuthError> =>
  call.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => error as AxiosError & QuiqupAuthError,
  );

describe('A call without a token', () => {
  it('fails with the typed error, and what an axios error has', async () => {
    const data = { an: 'order' };
    const failure = await failureOf(client.post('/api/fulfilment/orders', data, { headers: { 'X-Trace': 'abc' } }));
    expect(failure).toBeInstanceOf(QuiqupCredentialsRefusedError);
    expect(types.isNativeError(failure)).toBe(true);
    expect(failure).toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED', retryable: false, status: 401 });
    expect(failure.name).toBe('QuiqupCredentialsRefusedError');
    expect(failure.stack).toContain(failure.message);
    expect(isAxiosError(failure)).toBe(true);
    expect([failure.request, failure.response]).toEqual([undefined, undefined]);
    expect(failure.config).toMatchObject({ method: 'post', url: '/api/fulfilment/orders', data: JSON.stringify(data) });
    expect(failure.config?.adapter).toEqual(client.defaults.adapter);
    expect(failure.toJSON()).toMatchObject({ name: failure.name, message: failure.message, code: failure.code });
  });

  it('prints neither a secret nor what the call was made of', async () => {
    const failure = await failureOf(
      client.post('/api/fulfilment/orders', 'the-body', { headers: { 'X-Trace': 'abc' } }),
    );
    expect(waysTo(WRONG, failure)).toEqual([]);
    for (const text of [
      JSON.stringify(failure),
      printsOf(failure).String,
      JSON.stringify(Object.assign({}, failure)),
    ]) {
      expect(text).not.toMatch(/the-body|X-Trace/);
    }
  });

  it('has an error of its own, on which interceptors may write', async () => {
    const failures = await Promise.all([READ, '/orders', READ].map((url) => failureOf(client.get(url))));
    expect(quiqup.tokenRequests).toBe(1);
    expect(new Set(failures).size).toBe(3);
    expect(failures.map(({ config }) => config?.url)).toEqual([READ, '/orders', READ]);
    expect(new Set(failures.map(({ message, code }) => message + code)).size).toBe(1);
  });

  it('is logged by an interceptor as people write them', async () => {
    const lines: string[] = [];
    client.interceptors.response.use(undefined, (error: AxiosError) => {
      lines.push(`${error.config?.method} ${error.config?.url} ${error.code}`);
      throw error;
    });
    await failureOf(client.get(READ));
    expect(lines).toEqual([`get ${READ} QUIQUP_CREDENTIALS_REFUSED`]);
  });

  it('that its caller gave up is cancelled as with plain axios', async () => {
    await correctSecret();
    quiqup.simulator.stall(50, { on: 'token' });
    const failure = await failureOf(client.get(READ, { signal: AbortSignal.timeout(5) }));
    expect(axios.isCancel(failure)).toBe(true);
    expect(failure.config).toMatchObject({ url: READ });
  });
});

describe('axios-cache-interceptor', () => {
  it('lets go of a key whose call got no token, for all who wait for it and for those after', async () => {
    const cached = setupCache(axios.create({ baseURL: quiqup.simulator.url }));
    quiqup.interceptor.attach(cached);
    const failures = await Promise.all([READ, READ, READ].map((url) => failureOf(cached.get(url))));
    expect(failures.map(({ code }) => code)).toEqual(Array(3).fill('QUIQUP_CREDENTIALS_REFUSED'));
    await correctSecret();
    await quiqup.tokens.refresh();
    const first = await cached.get(READ);
    const second = await cached.get(READ);
    expect([first.status, first.cached, second.status, second.cached]).toEqual([200, false, 200, true]);
  });

  it('keeps no token of an answer', async () => {
    await correctSecret();
    const cached = setupCache(axios.create({ baseURL: quiqup.simulator.url }));
    quiqup.interceptor.attach(cached);
    const { id } = await cached.get(READ);
    expect(waysTo(quiqup.tokens.peek() as string, await cached.storage.get(id))).toEqual([]);
  });
});

describe('axios-retry', () => {
  it('repeats a call that got no token as one that did not reach its host', async () => {
    const retries: unknown[] = [];
    axiosRetry(client, {
      onRetry: async (_count, error) => {
        retries.push(error.code);
        await correctSecret();
      },
    });
    expect((await client.get(READ)).status).toBe(200);
    expect(retries).toEqual(['QUIQUP_CREDENTIALS_REFUSED']);
  });

  it('leaves it, told that only what is retryable is worth it', async () => {
    let retries = 0;
    axiosRetry(client, {
      retryCondition: (error) =>
        error instanceof QuiqupAuthError ? error.retryable : axiosRetry.isNetworkOrIdempotentRequestError(error),
      onRetry: () => void (retries += 1),
    });
    expect(await failureOf(client.get(READ))).toBeInstanceOf(QuiqupCredentialsRefusedError);
    expect(retries).toBe(0);
  });
});

describe('retry-axios', () => {
  it('repeats a call that got no token, and then has one', async () => {
    const errors: unknown[] = [];
    const raxConfig: RaxConfig['raxConfig'] = {
      retryDelay: 1,
      backoffType: 'static',
      onRetryAttempt: async (error) => {
        errors.push(error.code);
        await correctSecret();
      },
    };
    attachRetryAxios(client);
    const config: RaxConfig = { raxConfig };
    expect((await client.get(READ, config)).status).toBe(200);
    expect(errors).toEqual(['QUIQUP_CREDENTIALS_REFUSED']);
  });

  it('ends with the typed error where it is not to retry', async () => {
    attachRetryAxios(client);
    const config: RaxConfig = { raxConfig: { retry: 0 } };
    expect(await failureOf(client.get(READ, config))).toBeInstanceOf(QuiqupCredentialsRefusedError);
  });
});
