import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AxiosError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import { QuiqupAuthError, type QuiqupAuthEvent } from 'nestjs-quiqup-auth';
import { createQuiqupAuthConfig } from '../lib/config/index.js';
import { AuthEvents, createTokenClient, TokenEndpoint } from '../lib/token/index.js';
import { parseRetryAfter } from '../lib/token/retry-after.js';
import { scrubDescription } from '../lib/token/scrub.js';
import { parseTokenResponse, type TokenResponse } from '../lib/token/token-response.js';
import {
  arbitraryBody,
  arbitraryRetryAfter,
  arbitrarySecret,
  arbitraryText,
  shownBy,
  withoutSpacing,
} from './support/arbitrary-answers.js';
import { QUOTING } from './support/canaries.js';

const RUNS = 10_000;
/** The characters of a header. */
const SENDABLE = /^[\x21-\x7e]+$/;
const { stackTraceLimit } = Error;

beforeAll(() => {
  // Every case makes an error, whose stack would be mapped back to the source each time.
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

const credentials: fc.Arbitrary<Credentials> = fc.record({
  clientId: arbitrarySecret,
  clientSecret: arbitrarySecret,
  // One that no header could hold is not kept.
  refreshToken: fc.stringMatching(/^[\x21-\x7e]{12,30}$/),
});

/** The result of one token request, and its events. */
async function ask(
  adapter: AxiosAdapter,
  { clientId, clientSecret, refreshToken }: Credentials,
): Promise<{ token?: TokenResponse; error?: unknown; events: QuiqupAuthEvent[] }> {
  const events = new AuthEvents();
  const seen: QuiqupAuthEvent[] = [];
  // A first response brings the refresh token that the next request is made with.
  const data = JSON.stringify({ access_token: 'first', token_type: 'bearer', refresh_token: refreshToken });
  let answer: AxiosAdapter = (sent) =>
    Promise.resolve({ status: 200, statusText: '', headers: {}, data, config: sent });
  const http = { adapter: (sent: InternalAxiosRequestConfig) => answer(sent) };
  const config = createQuiqupAuthConfig({ baseUrl: 'http://127.0.0.1/', clientId, clientSecret, http });
  const endpoint = new TokenEndpoint(config, events, createTokenClient(config));
  const { signal } = new AbortController();
  await endpoint.request({ clientId, clientSecret }, signal);
  events.events$.subscribe((event) => seen.push(event));
  answer = adapter;
  return endpoint.request({ clientId, clientSecret }, signal).then(
    (token) => ({ token, events: seen }),
    (error: unknown) => ({ error, events: seen }),
  );
}

function secretsShown(value: unknown, secrets: readonly string[]): string[] {
  const shown = shownBy(value);
  const squeezed = withoutSpacing(shown);
  return secrets.filter(
    (secret) =>
      squeezed.includes(withoutSpacing(secret)) ||
      Object.values(QUOTING).some((quote) => shown.includes(quote(secret.replace(/\p{Cs}/gu, '\ufffd')))) ||
      shown.includes(secret),
  );
}

/** A refused refresh token costs a second request, with the client credentials. */
function isOneRequestPerGrant(events: readonly QuiqupAuthEvent[]): boolean {
  const grants = events.map((event) => event.type === 'token-request' && event.grantType);
  return grants.length > 0 && new Set(grants).size === grants.length;
}

function isDuration(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

/** Read anew, so that a token is known to have been there. */
function tokenIn(body: unknown): unknown {
  const parsed: unknown = JSON.parse(body as string);
  return Object.getOwnPropertyDescriptor(parsed, 'access_token')?.value;
}

describe('Whatever the token endpoint answers', () => {
  it('becomes a token that was there, or a typed error that shows no secret', async () => {
    const counts = { tokens: 0, errors: 0 };
    const cases = credentials.chain((own) =>
      fc.record({
        own: fc.constant(own),
        status: fc.oneof(
          { arbitrary: fc.constant(200), weight: 4 },
          { arbitrary: fc.constantFrom(201, 302, 400, 401, 403, 404, 408, 429, 500, 503), weight: 4 },
          { arbitrary: fc.oneof(fc.integer(), fc.double()), weight: 1 },
        ),
        statusText: arbitraryText(Object.values(own)),
        headers: fc.dictionary(
          fc.constantFrom('retry-after', 'content-type', 'location', 'www-authenticate', 'x-other'),
          fc.oneof(arbitraryRetryAfter, arbitraryText(Object.values(own))),
        ),
        data: arbitraryBody(Object.values(own)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ own, ...answer }) => {
        const { token, error, events } = await ask((config) => Promise.resolve({ ...answer, config }), own);
        counts[token === undefined ? 'errors' : 'tokens'] += 1;
        const isSound =
          token === undefined
            ? error instanceof QuiqupAuthError && error.message.length < 600
            : answer.status >= 200 &&
              answer.status < 300 &&
              token.accessToken === tokenIn(answer.data) &&
              SENDABLE.test(token.accessToken) &&
              isDuration(token.expiresIn ?? 0);
        const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: number };
        const leaks = secretsShown([events, error], Object.values(own));
        if (!isSound || !isDuration(retryAfterMs ?? 0) || leaks.length > 0 || !isOneRequestPerGrant(events)) {
          throw new Error(`It became ${shownBy(error ?? token)}, and shows ${JSON.stringify(leaks)}`);
        }
      }),
      { numRuns: RUNS / 2 },
    );
    // Without cases of both kinds it would have proved nothing.
    // About 1 in 40 becomes a token, by chance.
    expect(Math.min(counts.tokens, counts.errors)).toBeGreaterThan(RUNS / 100);
  });

  it('a token that comes with a refusal is not shown', async () => {
    const cases = fc.tuple(credentials, arbitrarySecret).chain(([own, issued]) =>
      fc.record({
        own: fc.constant(own),
        issued: fc.constant(issued),
        field: fc.constantFrom('access_token', 'refresh_token'),
        description: arbitraryText([issued]),
        status: fc.constantFrom(200, 400, 401, 500),
        isOAuth: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ own, issued, field, description, status, isOAuth }) => {
        const refusal = isOAuth
          ? { error: 'invalid_client', error_description: description }
          : { code: 'unauthenticated', message: description, token_type: 'none' };
        const data = JSON.stringify({ ...refusal, [field]: issued });
        const { error } = await ask(
          (config) => Promise.resolve({ status, statusText: '', headers: {}, data, config }),
          own,
        );
        return error instanceof QuiqupAuthError && secretsShown(error, [issued]).length === 0;
      }),
      { numRuns: RUNS / 5 },
    );
  });

  it('a failure of the adapter becomes a typed error that shows no secret', async () => {
    const cases = credentials.chain((own) => {
      const text = arbitraryText(Object.values(own));
      return fc.record({
        own: fc.constant(own),
        failure: fc.oneof(
          fc.anything(),
          text.map((message) => new Error(message, { cause: own })),
          fc
            .tuple(text, fc.oneof(text, fc.constantFrom('ECONNRESET', 'ERR_BAD_RESPONSE', 'ERR_NETWORK')))
            .map(([message, code]) => new AxiosError(message, code)),
          fc.record({ isAxiosError: fc.constant(true), code: fc.anything(), response: fc.anything() }),
        ),
      });
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ own, failure }) => {
        // An adapter may throw a value that is no error.
        // oxlint-disable-next-line prefer-promise-reject-errors
        const { error } = await ask(() => Promise.reject(failure), own);
        const leaks = secretsShown(error, Object.values(own));
        if (!(error instanceof QuiqupAuthError) || leaks.length > 0) {
          throw new Error(`It became ${shownBy(error)}, and shows ${JSON.stringify(leaks)}`);
        }
      }),
      { numRuns: RUNS / 5 },
    );
  });
});

describe('Whatever is read of an answer', () => {
  it('a description shows no secret, no control character, and is short', () => {
    const cases = fc
      .array(arbitrarySecret, { minLength: 1, maxLength: 3 })
      .chain((secrets) => fc.tuple(fc.constant(secrets), fc.oneof(arbitraryText(secrets), fc.anything())));
    fc.assert(
      fc.property(cases, ([secrets, value]) => {
        const text = scrubDescription(value, secrets) ?? '';
        return (
          text.length <= 201 &&
          !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) &&
          !secrets.some((secret) => withoutSpacing(text).includes(withoutSpacing(secret)))
        );
      }),
      { numRuns: RUNS },
    );
  });

  it.each(['invalid_client', 'Client authentication failed due to unknown client.'])(
    'a description without secrets stays as it is: %j',
    (text) => {
      expect(scrubDescription(text, ['a-client-secret', 'client-id'])).toBe(text);
    },
  );

  it('Retry-After is a time to wait or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryRetryAfter, fc.anything()), fc.nat(), (value, now) =>
        isDuration(parseRetryAfter(value, now) ?? 0),
      ),
      { numRuns: RUNS },
    );
  });

  it('a body of any type is a token response or has a problem in fixed words', () => {
    const bodies = fc.oneof(
      fc.anything({ withNullPrototype: true, withMap: true, withDate: true }),
      fc.record({
        access_token: fc.string({ unit: 'binary' }),
        token_type: fc.constant('bearer'),
        more: fc.anything(),
      }),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const outcome = parseTokenResponse(body);
        return 'problem' in outcome
          ? /^(?:access_token|token_type|expires_in|it) is/.test(outcome.problem)
          : SENDABLE.test(outcome.accessToken);
      }),
      { numRuns: RUNS },
    );
  });
});
