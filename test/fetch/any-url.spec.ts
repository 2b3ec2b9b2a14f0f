import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QuiqupFetchService } from 'nestjs-quiqup-auth';
import { arbitraryUrls } from '../support/arbitrary-urls.js';
import { QuiqupApp } from '../support/quiqup-app.js';

const GATEWAY = 'https://gateway.quiqup.example';
const TRUSTED = [GATEWAY, 'http://127.0.0.1:48123'];
const RUNS = 2_000;

/** A sent request: its origin by the WHATWG parser, and its authorization. */
interface Departure {
  readonly origin: string;
  readonly authorization: string | null;
  readonly hasName: boolean;
}

const departures: Departure[] = [];
let quiqup: QuiqupApp;

/** Notes, and redirects the first sending of each call to where its header `x-then` says. */
const noting: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  const { protocol, origin: itsOrigin, username, password } = new URL(input);
  // That of a blob: URL is the origin of the URL within.
  const origin = /^https?:/.test(protocol) ? itsOrigin : protocol;
  departures.push({ origin, authorization: headers.get('authorization'), hasName: username + password !== '' });
  const location = headers.get('x-then');
  return Promise.resolve(
    location === null || departures.length > 1
      ? new Response('{}')
      : new Response(null, { status: 307, headers: { location } }),
  );
};

beforeAll(async () => {
  const http = { env: { fetch: noting } } as object;
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: TRUSTED, http } });
  await quiqup.tokens.getAccessToken();
});
afterAll(() => quiqup.stop());

const isHeader = (text: string): boolean => /^[\t\x20-\x7e]+$/.test(text);

it('Only trusted origins get the token, whatever URL fetch is given, and wherever it is redirected', async () => {
  const { fetch } = quiqup.app.get(QuiqupFetchService);
  const token = quiqup.tokens.peek();
  const origins = new Set([...TRUSTED, new URL(quiqup.simulator.url).origin]);
  const counts = { trusted: 0, foreign: 0 };
  await fc.assert(
    fc.asyncProperty(
      arbitraryUrls(TRUSTED),
      arbitraryUrls(TRUSTED),
      fc.constantFrom('text', 'URL', 'Request'),
      async (url, then, kind) => {
        departures.length = 0;
        const init = isHeader(then) ? { headers: { 'x-then': then } } : {};
        const input = !URL.canParse(url) || kind === 'text' ? url : kind === 'URL' ? new URL(url) : undefined;
        try {
          await fetch(input ?? new Request(url), init);
        } catch {
          // Most are no addresses at all.
        }
        for (const { origin, authorization } of departures) {
          const isTrusted = origins.has(origin);
          expect(authorization === null || (isTrusted && authorization === `Bearer ${token}`)).toBe(true);
          counts[isTrusted ? 'trusted' : 'foreign'] += 1;
        }
        const [first] = departures;
        // `fetch` itself refuses an address with a name in it.
        if (first !== undefined && origins.has(first.origin) && !first.hasName) {
          expect(first.authorization).toBe(`Bearer ${token}`);
        }
      },
    ),
    { numRuns: RUNS },
  );
  // Without cases of both kinds it would have proved nothing.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(RUNS / 20);
});
