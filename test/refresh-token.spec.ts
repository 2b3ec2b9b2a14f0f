import { afterEach, describe, expect, it } from '@jest/globals';
import type { QuiqupGrantType } from 'nestjs-quiqup-auth';
import { RedisServer } from './support/redis-server.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';

let quiqup: QuiqupApp;
const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
  quiqup = await QuiqupApp.start({ simulator: { refreshTokens: true }, ...options });
  await quiqup.tokens.getAccessToken();
};
/** How the endpoint was asked, and with what outcome, from the first request on. */
const requests = (app = quiqup): [QuiqupGrantType, string][] =>
  app.events.flatMap((event) => (event.type === 'token-request' ? [[event.grantType, event.outcome] as const] : []));

afterEach(() => quiqup.stop());

describe('A refresh token', () => {
  it('that comes with a token is used for the next', async () => {
    await start();
    await quiqup.tokens.refresh();
    await quiqup.tokens.refresh();
    expect(requests()).toEqual([
      ['client_credentials', 'success'],
      ['refresh_token', 'success'],
      ['refresh_token', 'success'],
    ]);
  });

  it('without a successor stays in use', async () => {
    await start();
    quiqup.simulator.failNext({
      on: 'token',
      status: 200,
      body: { access_token: 'a1', token_type: 'bearer', expires_in: 60 },
    });
    await quiqup.tokens.refresh();
    quiqup.simulator.failNext({
      on: 'token',
      status: 200,
      body: { access_token: 'a2', token_type: 'bearer', expires_in: 60 },
    });
    expect(await quiqup.tokens.refresh()).toBe('a2');
    expect(requests().at(-1)).toEqual(['refresh_token', 'success']);
  });

  it.each<[string, object]>([
    ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }],
    ['unauthorized_client', { status: 400, body: { error: 'unauthorized_client' } }],
    ['unsupported_grant_type', { status: 401, body: { error: 'unsupported_grant_type' } }],
    ['an unreadable 401', { status: 401, body: '<html>' }],
  ])('that is refused with %s gives way to the client credentials, once and for good', async (_name, refusal) => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 400, ...refusal });
    expect(await quiqup.tokens.refresh()).toHaveLength(64);
    expect(await quiqup.tokens.refresh()).toHaveLength(64);
    expect(requests().map(([grantType]) => grantType)).toEqual([
      'client_credentials',
      'refresh_token',
      'client_credentials',
      'client_credentials',
    ]);
    expect(quiqup.rotations.map(({ type }) => type)).toEqual(['acquired', 'acquired', 'acquired']);
  });

  it('that died with its token costs the call nothing', async () => {
    await start();
    quiqup.simulator.revokeAll();
    expect((await quiqup.quiqup.axiosRef.get('/api/fulfilment/orders')).status).toBe(200);
  });

  it('is not given up for a client that is refused, nor for an endpoint that is unwell', async () => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 401, body: { error: 'invalid_client' } });
    await expect(quiqup.tokens.refresh()).rejects.toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED' });
    expect(requests().at(-1)).toEqual(['refresh_token', 'QUIQUP_CREDENTIALS_REFUSED']);
    await quiqup.stop();

    await start();
    quiqup.simulator.failNext({ on: 'token', status: 503 });
    await expect(quiqup.tokens.refresh()).rejects.toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE' });
    await quiqup.tokens.refresh();
    expect(requests().at(-1)).toEqual(['refresh_token', 'success']);
  });

  it('stays in the memory of the process that got it', async () => {
    const redis = await RedisServer.start();
    try {
      await start({ simulator: { refreshTokens: true }, module: { cache: { redis: redis.url } } });
      const other = await QuiqupApp.start({ simulator: quiqup.simulator, module: { cache: { redis: redis.url } } });
      expect(await other.tokens.getAccessToken()).toBe(quiqup.tokens.peek());
      quiqup.simulator.revokeAll();
      expect((await other.quiqup.axiosRef.get('/api/fulfilment/orders')).status).toBe(200);
      expect(requests(other)).toEqual([['client_credentials', 'success']]);
      await other.app.close();
    } finally {
      await redis.stop();
    }
  });
});
