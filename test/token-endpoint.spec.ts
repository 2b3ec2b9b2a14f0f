import { afterEach, describe, expect, it } from '@jest/globals';
import type { QuiqupAuthError, QuiqupAuthModuleOptions, QuiqupRenewalFailedEvent } from 'nestjs-quiqup-auth';
import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { QuiqupApp } from './support/quiqup-app.js';
import { ScriptedServer } from './support/scripted-server.js';

const CLIENT_ID = 'a-client-id';
const CLIENT_SECRET = 'a-client-secret';

let server: ScriptedServer;
let quiqup: QuiqupApp;

async function startWith(answer: RequestListener, module: Partial<QuiqupAuthModuleOptions> = {}): Promise<void> {
  server = await ScriptedServer.start(answer);
  quiqup = await QuiqupApp.start({
    module: { baseUrl: server.url, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...module },
  });
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** The first failure, as soon as there is one; a passing one would be repeated before a caller gets it. */
async function firstFailure(): Promise<QuiqupAuthError & { status?: number; retryAfterMs?: number }> {
  const call = quiqup.tokens.getAccessToken().catch(() => undefined);
  await quiqup.eventually('renewal-failed');
  await quiqup.app.close();
  await call;
  return (quiqup.rotations[0] as QuiqupRenewalFailedEvent).error;
}

afterEach(async () => {
  await quiqup.stop();
  await server.stop();
});

const TOKEN = { access_token: 'a1b2c3', token_type: 'bearer', expires_in: 3_600 };

describe('A token request', () => {
  it('is a POST of JSON with the client credentials, to oauth/token below the base URL', async () => {
    server = await ScriptedServer.start(answering(200, TOKEN));
    quiqup = await QuiqupApp.start({
      module: {
        baseUrl: `${server.url}_mock/auth`,
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        http: { headers: { 'X-Own': 'of the calls' } },
      },
    });
    await quiqup.tokens.getAccessToken();
    expect(server.received).toHaveLength(1);
    const [request] = server.received;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/_mock/auth/oauth/token',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    });
    expect(request?.headers['x-own']).toBeUndefined();
    expect(JSON.parse(request?.body ?? '')).toEqual({
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    });
  });

  it('takes the way through the network that the calls take', async () => {
    const proxied: (string | undefined)[] = [];
    const proxy = await ScriptedServer.start((request, response) => {
      proxied.push(request.url);
      answering(200, TOKEN)(request, response);
    });
    try {
      await startWith(answering(500, ''), {
        http: { proxy: { host: '127.0.0.1', port: proxy.port, protocol: 'http' } },
      });
      await quiqup.tokens.getAccessToken();
      expect(proxied).toEqual([`${server.url}oauth/token`]);
      expect(server.received).toHaveLength(0);
    } finally {
      await proxy.stop();
    }
  });

  it.each([301, 302, 303, 307, 308])(
    'follows no redirect (%d), which would carry the secret elsewhere',
    async (status) => {
      const elsewhere = await ScriptedServer.start(answering(200, TOKEN));
      try {
        await startWith(answering(status, '', { Location: `${elsewhere.url}oauth/token` }));
        expect(await firstFailure()).toMatchObject({
          code: 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND',
          status,
          retryable: false,
        });
        expect(elsewhere.received).toHaveLength(0);
      } finally {
        await elsewhere.stop();
      }
    },
  );
});

describe('An answer is a token', () => {
  it.each([
    ['as documented', { ...TOKEN, created_at: 1_700_000_000 }, 3_600],
    ['with Bearer', { ...TOKEN, token_type: 'Bearer' }, 3_600],
    ['with BEARER', { ...TOKEN, token_type: 'BEARER' }, 3_600],
    ['with a lifetime in text', { ...TOKEN, expires_in: '7200' }, 7_200],
    ['with a lifetime that is no integer', { ...TOKEN, expires_in: 90.5 }, 90.5],
    ['without a lifetime, assumed to be an hour', { ...TOKEN, expires_in: undefined }, 3_600],
    ['with a lifetime of null, assumed to be an hour', { ...TOKEN, expires_in: null }, 3_600],
    ['created long ago, with a little life left', { ...TOKEN, created_at: 1, expires_in: 60 }, 60],
    ['created in the future', { ...TOKEN, created_at: 9_999_999_999 }, 3_600],
    ['with fields that nobody knows', { ...TOKEN, scope: 'a b', more: { of: 'it' } }, 3_600],
    ['with an error of null', { ...TOKEN, error: null }, 3_600],
    ['without a content type for JSON', TOKEN, 3_600, { 'Content-Type': 'text/plain' }],
  ])('%s', async (_name, body, lifetime, headers: Record<string, string> = {}) => {
    await startWith(answering(200, body, headers));
    const asked = Date.now();
    const { accessToken, expiresAt } = await quiqup.tokens.getToken();
    expect(accessToken).toBe('a1b2c3');
    expect((expiresAt.getTime() - asked) / 1_000).toBeGreaterThan(lifetime - 1);
    expect((expiresAt.getTime() - asked) / 1_000).toBeLessThan(lifetime + 5);
    expect(server.received).toHaveLength(1);
  });
});

describe('A 200 is an error and no token', () => {
  it.each<[string, unknown]>([
    ['without access_token', { ...TOKEN, access_token: undefined }],
    ['with an empty access_token', { ...TOKEN, access_token: '' }],
    ['with an access_token that is no text', { ...TOKEN, access_token: 42 }],
    ['with an access_token that would end the header', { ...TOKEN, access_token: 'a\r\nX-Evil: 1' }],
    ['without token_type', { ...TOKEN, token_type: undefined }],
    ['with another token_type', { ...TOKEN, token_type: 'mac' }],
    ['with a negative lifetime', { ...TOKEN, expires_in: -1 }],
    ['with a lifetime in words', { ...TOKEN, expires_in: 'soon' }],
    ['with a lifetime that is a list', { ...TOKEN, expires_in: [3_600] }],
    ['with a lifetime beyond all numbers', '{"access_token":"a1b2c3","token_type":"bearer","expires_in":1e999}'],
    ['that is a log-in page', '<html><body>Please log in</body></html>'],
    ['that is empty', ''],
    ['that is null', 'null'],
    ['that is a list', '[]'],
    ['that is broken off', '{"access_token":"a1b2c3","token_ty'],
    ['above 1 MiB', JSON.stringify({ ...TOKEN, padding: 'x'.repeat(1024 * 1024) })],
  ])('%s', async (_name, body) => {
    await startWith(answering(200, body));
    const error = await firstFailure();
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_RESPONSE_INVALID', retryable: true });
    expect(error.message).not.toContain('a1b2c3');
  });

  it('with an error in it', async () => {
    await startWith(answering(200, { ...TOKEN, error: 'invalid_client' }));
    expect(await firstFailure()).toMatchObject({ code: 'QUIQUP_CREDENTIALS_REFUSED', oauthError: 'invalid_client' });
  });
});

describe('A refusal is classified by its status 408, 429 and 5xx, then by its error, then by its status', () => {
  const passing = true;
  const lasting = false;
  it.each<[number, unknown, string, boolean]>([
    [408, { error: 'invalid_client' }, 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [429, { error: 'invalid_client' }, 'QUIQUP_RATE_LIMITED', passing],
    [429, '', 'QUIQUP_RATE_LIMITED', passing],
    [500, { error: 'invalid_client' }, 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [502, '<html>Bad gateway</html>', 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [503, '', 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [400, { error: 'temporarily_unavailable' }, 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [401, { error: 'server_error' }, 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [400, { error: 'invalid_token_reuse' }, 'QUIQUP_TOKEN_ENDPOINT_UNAVAILABLE', passing],
    [418, 'a teapot', 'QUIQUP_TOKEN_RESPONSE_INVALID', passing],
    [403, '<html>blocked</html>', 'QUIQUP_TOKEN_RESPONSE_INVALID', passing],
    [401, { error: 'invalid_client' }, 'QUIQUP_CREDENTIALS_REFUSED', lasting],
    [400, { error: 'invalid_client' }, 'QUIQUP_CREDENTIALS_REFUSED', lasting],
    [403, { error: 'unauthorized_client' }, 'QUIQUP_CREDENTIALS_REFUSED', lasting],
    [401, '', 'QUIQUP_CREDENTIALS_REFUSED', lasting],
    [401, '<html>', 'QUIQUP_CREDENTIALS_REFUSED', lasting],
    [400, '', 'QUIQUP_TOKEN_REQUEST_REFUSED', lasting],
    [400, { error: 'unsupported_grant_type' }, 'QUIQUP_TOKEN_REQUEST_REFUSED', lasting],
    [401, { error: 'invalid_scope' }, 'QUIQUP_TOKEN_REQUEST_REFUSED', lasting],
    [400, { error: 'invalid_request' }, 'QUIQUP_TOKEN_REQUEST_REFUSED', lasting],
    [404, '<html>not here</html>', 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND', lasting],
  ])('%d %j: %s', async (status, body, code, retryable) => {
    await startWith(answering(status, body));
    const error = await firstFailure();
    expect(error).toMatchObject({ code, status, retryable });
    expect(error.name).toBe(error.constructor.name);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['an HTTP date', new Date(Date.now() + 60_000).toUTCString(), 60_000],
    ['nonsense', 'soon', undefined],
  ])('and tells what Retry-After asks for, in %s', async (_name, value, retryAfterMs) => {
    await startWith(answering(429, '', { 'Retry-After': value }));
    const error = await firstFailure();
    if (retryAfterMs === undefined) {
      expect(error.retryAfterMs).toBeUndefined();
    } else {
      expect(Math.abs((error.retryAfterMs ?? 0) - retryAfterMs)).toBeLessThan(10_000);
    }
  });
});

describe('A token endpoint that cannot be spoken with', () => {
  it('refuses the connection', async () => {
    await startWith(answering(200, TOKEN));
    await server.stop();
    const error = await firstFailure();
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', retryable: true });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('hangs up', async () => {
    await startWith((request) => request.socket.destroy());
    expect(await firstFailure()).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', retryable: true });
  });

  it('hangs up in the middle of its answer', async () => {
    await startWith((request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"access_token":', () => request.socket.destroy());
    });
    expect(await firstFailure()).toMatchObject({ retryable: true });
  });

  it('drips its answer for ever', async () => {
    await startWith(
      (_request, response) => {
        response.writeHead(200);
        const dripping = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(dripping));
      },
      { timeouts: { tokenRequest: 100 } },
    );
    expect(await firstFailure()).toMatchObject({ code: 'QUIQUP_TOKEN_REQUEST_TIMEOUT', retryable: true });
  });
});

describe('What the error of a token request shows', () => {
  it('is no secret that the endpoint echoed, nothing opaque, and not much', async () => {
    const token = '0123456789abcdef0123456789abcdef';
    await startWith(
      answering(401, {
        error: 'invalid_client',
        error_description: `Client ${CLIENT_ID} with ${CLIENT_SECRET} and\n${token} failed. ${'So it goes. '.repeat(100)}`,
      }),
    );
    const error = await firstFailure();
    const shown = `${inspect(error, { depth: null, showHidden: true, getters: true })} ${JSON.stringify(error)} ${String(error)}`;
    expect(shown).not.toContain(CLIENT_SECRET);
    expect(shown).not.toContain(token);
    expect(error.message).toContain('invalid_client');
    expect(error.message).toContain('Check both');
    expect(error.message).not.toContain('\n');
    expect(error.message.length).toBeLessThan(500);
  });

  it('is no axios error, which would carry the request with the secret in it', async () => {
    await startWith((request) => request.socket.destroy());
    const error = await firstFailure();
    expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain(CLIENT_SECRET);
    expect(error.cause).toBeUndefined();
  });
});
