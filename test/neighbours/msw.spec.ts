import { afterEach, describe, expect, it } from '@jest/globals';
import { http, HttpResponse } from 'msw';
import { QuiqupFetchService } from 'nestjs-quiqup-auth';
import { setupServer } from 'msw/node';
import { QuiqupApp } from '../support/quiqup-app.js';
import { HOST, READ, STAGING, TOKEN } from './mocked-staging.js';

let quiqup: QuiqupApp;
afterEach(() => quiqup.stop());

describe('msw', () => {
  it('answers QuiqupFetchService, with the header that was sent', async () => {
    const seen: (string | null)[] = [];
    const server = setupServer(
      http.post(`${HOST}/oauth/token`, () => HttpResponse.json(TOKEN)),
      http.post(`${HOST}/api/fulfilment/orders`, async ({ request }) => {
        seen.push(request.headers.get('authorization'));
        return HttpResponse.json({ received: await request.json() });
      }),
    );
    server.listen();
    try {
      quiqup = await QuiqupApp.start({ module: STAGING });
      const body = JSON.stringify({ kind: 'partner_same_day' });
      const headers = { 'Content-Type': 'application/json' };
      const response = await quiqup.app
        .get(QuiqupFetchService)
        .fetch('/api/fulfilment/orders', { method: 'POST', body, headers });
      expect(await response.json()).toEqual({ received: { kind: 'partner_same_day' } });
      expect(seen).toEqual(['Bearer of-the-mock']);
    } finally {
      server.close();
    }
  });

  it.each(['http', 'fetch'])(
    'answers the token request and the call, with the header that was sent (%s)',
    async (adapter) => {
      const seen: (string | null)[] = [];
      const server = setupServer(
        http.post(`${HOST}/oauth/token`, () => HttpResponse.json(TOKEN)),
        http.get(HOST + READ, ({ request }) => {
          seen.push(request.headers.get('authorization'));
          return seen.length === 1 ? new HttpResponse(null, { status: 401 }) : HttpResponse.json(['stock']);
        }),
        http.post('*', () => HttpResponse.json({})),
      );
      server.listen();
      try {
        quiqup = await QuiqupApp.start({ module: { ...STAGING, http: { adapter } } });
        const answer = await quiqup.quiqup.axiosRef.get<unknown>(READ).catch((error: unknown) => error);
        // The same token again: the mock knows no other, so that the 401 stands.
        expect(answer).toMatchObject({ status: 401 });
        expect((await quiqup.quiqup.axiosRef.get<unknown>(READ)).data).toEqual(['stock']);
        expect(seen).toEqual(['Bearer of-the-mock', 'Bearer of-the-mock']);
      } finally {
        server.close();
      }
    },
  );
});
