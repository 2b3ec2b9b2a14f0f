import { afterEach, describe, expect, it } from '@jest/globals';
import type { QuiqupAuthEvent } from 'nestjs-quiqup-auth';
import { Readable } from 'node:stream';
import { filter, firstValueFrom, map, toArray } from 'rxjs';
import { waysTo } from './support/find-secret.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp, type QuiqupAppOptions } from './support/quiqup-app.js';
import { RedisServer } from './support/redis-server.js';

let quiqup: QuiqupApp;
const start = async (options: QuiqupAppOptions = {}): Promise<void> => {
  quiqup = await QuiqupApp.start(options);
};
const get = () => quiqup.quiqup.axiosRef.get('/api/fulfilment/orders');
const types = () => quiqup.events.map(({ type }) => type);

afterEach(() => quiqup.stop());

describe('The events', () => {
  it('tell the life of a token: acquired, refused, replaced, recovered', async () => {
    await start();
    await get();
    const [first] = quiqup.rotations;
    quiqup.simulator.revokeAll();
    await get();
    const second = quiqup.rotations.at(-1);
    const lives = {
      staleAt: expect.any(Date),
      expiringAt: expect.any(Date),
      expiresAt: expect.any(Date),
      lockWaitMs: expect.any(Number),
    };
    const request = { type: 'token-request', grantType: 'client_credentials', outcome: 'success', status: 200 };
    expect(quiqup.events).toEqual([
      { ...request, durationMs: expect.any(Number) },
      { type: 'acquired', cause: 'call', fingerprint: expect.stringMatching(/^[\da-f]{8}$/), ...lives },
      { type: 'rejected', fingerprint: (first as { fingerprint: string }).fingerprint },
      { ...request, durationMs: expect.any(Number) },
      { type: 'acquired', cause: 'rejection', fingerprint: expect.any(String), ...lives },
      { type: 'recovered', fingerprint: (second as { fingerprint: string }).fingerprint },
    ]);
  });

  it.each<[string, (app: QuiqupApp) => void, unknown]>([
    ['no-other-token', (app) => app.simulator.failNext({ on: 'token', status: 401 }), undefined],
    ['refused-again', () => undefined, undefined],
    ['one-shot-body', () => undefined, () => Readable.from(['a body'])],
  ])('say why a 401 went to the caller: %s', async (reason, prepare, body) => {
    await start();
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.failNext({ status: 401, on: 'resource', times: 2 });
    prepare(quiqup);
    const data: unknown = typeof body === 'function' ? body() : undefined;
    await expect(quiqup.quiqup.axiosRef.post('/api/fulfilment/orders', data)).rejects.toMatchObject({ status: 401 });
    expect(quiqup.events.at(-1)).toEqual({ type: 'not-recovered', reason });
    expect(types()).not.toContain('recovered');
  });

  it('say when the call that was sent again got no answer', async () => {
    await start();
    await quiqup.tokens.getAccessToken();
    quiqup.simulator.failNext({ status: 401, on: 'resource' });
    quiqup.simulator.stall(Infinity, { on: 'resource' });
    await expect(quiqup.quiqup.axiosRef.get('/api/fulfilment/orders', { timeout: 100 })).rejects.toMatchObject({
      code: 'ECONNABORTED',
    });
    expect(quiqup.events.at(-1)).toEqual({ type: 'not-recovered', reason: 'replay-failed' });
  });

  it('tell of a failed renewal what failed and when it is tried again', async () => {
    await start();
    quiqup.simulator.failNext({ on: 'token', status: 429, retryAfter: 30 });
    await expect(quiqup.tokens.getAccessToken()).rejects.toMatchObject({ code: 'QUIQUP_RATE_LIMITED' });
    expect(quiqup.events).toMatchObject([
      { type: 'token-request', outcome: 'QUIQUP_RATE_LIMITED', status: 429 },
      { type: 'renewal-failed', cause: 'call', attempt: 1, error: { code: 'QUIQUP_RATE_LIMITED' } },
    ]);
    const { nextAttemptAt } = quiqup.events[1] as { nextAttemptAt: Date } & QuiqupAuthEvent;
    const pauseS = (nextAttemptAt.getTime() - Date.now()) / 1_000;
    expect(pauseS).toBeGreaterThan(25);
    expect(pauseS).toBeLessThanOrEqual(31);
  });

  it('tell a token that is reused from a new one', async () => {
    await start({ simulator: { policy: 'reuse' } });
    await quiqup.tokens.getAccessToken();
    await quiqup.tokens.refresh();
    expect(quiqup.rotations.map(({ type }) => type)).toEqual(['acquired', 'reused']);
  });

  it('tell when the store goes and when it is back, and what was adopted from it', async () => {
    const redis = await RedisServer.start();
    try {
      await start({ module: { cache: { redis: redis.url } } });
      await quiqup.tokens.getAccessToken();
      await redis.kill();
      await quiqup.tokens.refresh();
      expect(types().filter((type) => type.startsWith('store'))).toEqual(['store-lost']);
      await redis.restart();
      await eventually(() => {
        // One may still be under way when the application is stopped.
        void quiqup.tokens.refresh().catch(() => undefined);
        return types().includes('store-back');
      }, 'the store was back');
      expect(types().filter((type) => type.startsWith('store'))).toEqual(['store-lost', 'store-back']);
      const other = await QuiqupApp.start({ simulator: quiqup.simulator, module: { cache: { redis: redis.url } } });
      await other.tokens.getAccessToken();
      expect(other.rotations.map(({ type }) => type)).toEqual(['adopted']);
      await other.app.close();
    } finally {
      await redis.stop();
    }
  });

  it('hold no secret, however they are looked at', async () => {
    await start({ simulator: { refreshTokens: true } });
    const seen: string[] = [await quiqup.tokens.getAccessToken()];
    quiqup.simulator.revokeAll();
    await get();
    seen.push(await quiqup.tokens.getAccessToken());
    quiqup.simulator.setSecret('simulated-client', 'another');
    await quiqup.tokens.refresh().catch(() => undefined);
    expect(types()).toContain('renewal-failed');
    for (const secret of [...seen, 'simulated-secret']) {
      expect(waysTo(secret, quiqup.events)).toEqual([]);
    }
  });

  it('end with the application', async () => {
    await start();
    const all = firstValueFrom(quiqup.tokens.events$.pipe(toArray()));
    await get();
    await quiqup.app.close();
    expect((await all).map(({ type }) => type)).toEqual(['token-request', 'acquired']);
  });
});

function mistake(): never {
  throw new Error('a mistake');
}

describe('A subscriber that throws', () => {
  it.each<[string, (app: QuiqupApp) => void]>([
    ['itself', ({ tokens }) => tokens.events$.subscribe(mistake)],
    ['as an observer', ({ tokens }) => tokens.events$.subscribe({ next: mistake })],
    ['behind operators', ({ tokens }) => tokens.events$.pipe(filter(() => true)).subscribe({ next: mistake })],
    ['in an operator', ({ tokens }) => tokens.events$.pipe(map(mistake)).subscribe()],
    ['at the end', ({ tokens }) => tokens.events$.subscribe({ complete: mistake })],
    ['at the end alone', ({ tokens }) => tokens.events$.subscribe(null, null, mistake)],
  ])('%s disturbs nobody, and is told about it', async (_where, subscribe) => {
    await start();
    subscribe(quiqup);
    const others: string[] = [];
    quiqup.tokens.events$.subscribe(({ type }) => others.push(type));
    expect((await get()).status).toBe(200);
    await quiqup.app.close();
    // RxJS would throw it from a timer.
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(others).toEqual(['token-request', 'acquired']);
    expect(quiqup.log.lines).toContainEqual(expect.stringContaining('A subscriber of events$ threw.'));
  });
});
