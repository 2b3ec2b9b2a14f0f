import { afterEach, describe, expect, it } from '@jest/globals';
import MockAdapter from 'axios-mock-adapter';
import rateLimit from 'axios-rate-limit';
import axios, { type AxiosInstance } from 'axios';
import { waysTo } from '../support/find-secret.js';
import { QuiqupApp } from '../support/quiqup-app.js';

const READ = '/api/fulfilment/inventory';

/** Its types are those of a CommonJS axios. */
const mockOf = (client: AxiosInstance): MockAdapter =>
  new MockAdapter(client as never, { onNoMatch: 'throwException' });

let quiqup: QuiqupApp;
afterEach(() => quiqup.stop());

describe('axios-mock-adapter', () => {
  it('on QuiqupHttpService answers its calls, and is asked once more after a 401', async () => {
    quiqup = await QuiqupApp.start();
    const mock = mockOf(quiqup.quiqup.axiosRef);
    mock.onGet(READ).replyOnce(401).onGet(READ).reply(200, ['stock']);
    expect((await quiqup.quiqup.axiosRef.get<unknown>(READ)).data).toEqual(['stock']);
    expect(mock.history['get']).toHaveLength(2);
    // The header exists only while the call is sent. Anything kept for later has none.
    expect(waysTo(quiqup.tokens.peek() as string, mock.history)).toEqual([]);
    expect(quiqup.simulator.counters).toMatchObject({ tokenRequests: 2, calls: 0 });
    mock.restore();
  });

  it('on axios itself does not touch the token request', async () => {
    const mock = mockOf(axios);
    quiqup = await QuiqupApp.start();
    try {
      expect((await quiqup.quiqup.axiosRef.get(READ)).status).toBe(200);
      expect(mock.history).toHaveLength(0);
    } finally {
      mock.restore();
    }
  });
});

describe('axios-rate-limit', () => {
  it('paces the calls, not the token request, and not the replay', async () => {
    quiqup = await QuiqupApp.start();
    const client = rateLimit(axios.create({ baseURL: quiqup.simulator.url }), { maxRequests: 1, perMilliseconds: 50 });
    quiqup.interceptor.attach(client);
    const startedAt = performance.now();
    await client.get(READ);
    quiqup.simulator.revokeAll();
    await Promise.all([client.get(READ), client.get(READ)]);
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    expect(quiqup.simulator.counters).toMatchObject({ tokenRequests: 2, unauthorized: 1 });
  });
});
