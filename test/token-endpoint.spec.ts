import { afterEach, describe, expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { QuiqupAuthModuleOptions, QuiqupRenewalFailedEvent, QuiqupTokenEndpointError } from 'nestjs-quiqup-auth';
import type { QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { ScriptedServer } from './support/scripted-server.js';
import { TOKEN_ENDPOINT_FAULTS, type TokenEndpointFault } from './support/token-endpoint-faults.js';

const CLIENT_ID = 'a-client-id';
const CLIENT_SECRET = 'a-client-secret';

let server: ScriptedServer | undefined;
let quiqup: QuiqupApp;

async function startWith(
  answer: RequestListener,
  module: Partial<QuiqupAuthModuleOptions> = {},
): Promise<ScriptedServer> {
  server = await ScriptedServer.start(answer);
  quiqup = await QuiqupApp.start({
    module: { baseUrl: server.url, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...module },
  });
  return server;
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** The first failure, as soon as there is one; a passing one would be repeated before a caller gets it. */
async function firstFailure(): Promise<QuiqupTokenEndpointError> {
  const call = quiqup.tokens.getAccessToken().catch(() => undefined);
  await quiqup.eventually('renewal-failed');
  await quiqup.app.close();
  await call;
  return (quiqup.rotations[0] as QuiqupRenewalFailedEvent).error as QuiqupTokenEndpointError;
}

afterEach(async () => {
  await quiqup.stop();
  await server?.stop();
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
      const unused = await startWith(answering(500, ''), {
        http: { proxy: { host: '127.0.0.1', port: proxy.port, protocol: 'http' } },
      });
      await quiqup.tokens.getAccessToken();
      expect(proxied).toEqual([`${unused.url}oauth/token`]);
      expect(unused.received).toHaveLength(0);
    } finally {
      await proxy.stop();
    }
  });
});

/** Matches a token of the simulator, or a part of it. */
const TOKEN_TEXT = /[0-9a-f]{16}/;
/** Far above the time-out of the rows that need one, and below the preset one. */
const SOON_MS = 4_000;
/** `Retry-After` as a date knows whole seconds only, and the request takes its time. */
const RETRY_AFTER_TOLERANCE_MS = 5_000;

describe('The outcome of one token request', () => {
  let entries: Map<string, unknown>;
  const storedTokens = (): string[] => [...entries.keys()].filter((key) => key.endsWith(':token'));

  async function startMeeting({ apply, ...fault }: TokenEndpointFault): Promise<QuiqupSimulator> {
    const waitsInVain = 'code' in fault && fault.code === 'QUIQUP_TOKEN_REQUEST_TIMEOUT';
    entries = new Map();
    quiqup = await QuiqupApp.start({
      module: {
        cache: createCache({ stores: [new Keyv({ store: entries })] }),
        ...(waitsInVain && { timeouts: { tokenRequest: 100 } }),
      },
    });
    apply(quiqup.simulator);
    return quiqup.simulator;
  }

  it.each(TOKEN_ENDPOINT_FAULTS.filter((fault) => fault.outcome === 'token'))('is a token: $name', async (fault) => {
    const simulator = await startMeeting(fault);
    const askedAt = Date.now();
    const { accessToken, expiresAt } = await quiqup.tokens.getToken();
    expect(simulator.isValid(accessToken)).toBe(true);
    expect((expiresAt.getTime() - askedAt) / 1_000).toBeGreaterThan(fault.lifetime - 1);
    expect((expiresAt.getTime() - askedAt) / 1_000).toBeLessThan(fault.lifetime + 5);
    expect(simulator.calls).toHaveLength(1);
    expect(storedTokens()).toHaveLength(1);
  });

  it.each(TOKEN_ENDPOINT_FAULTS.filter((fault) => fault.outcome !== 'token'))(
    'is a $outcome failure: $name',
    async (fault) => {
      const simulator = await startMeeting(fault);
      const askedAt = performance.now();
      const error = await firstFailure();
      expect(performance.now() - askedAt).toBeLessThan(SOON_MS);
      expect(error).toMatchObject({ code: fault.code, retryable: fault.outcome === 'transient' });
      expect(error.name).toBe(error.constructor.name);
      const { status, oauthError, quiqupCode } = error;
      expect([status, oauthError, quiqupCode]).toEqual([fault.status, fault.oauthError, fault.quiqupCode]);
      if (fault.retryAfterMs === undefined) {
        expect(error.retryAfterMs).toBeUndefined();
      } else {
        expect(Math.abs((error.retryAfterMs ?? NaN) - fault.retryAfterMs)).toBeLessThan(RETRY_AFTER_TOLERANCE_MS);
      }

      // Neither repeated at once nor sent on to where a redirect leads.
      expect(simulator.calls).toHaveLength(1);
      expect(quiqup.tokens.peek()).toBeUndefined();
      expect(storedTokens()).toEqual([]);
      expect(waysTo('simulated-secret', [error, quiqup.log.lines])).toEqual([]);
      expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toMatch(TOKEN_TEXT);
      expect(quiqup.log.lines.join()).not.toMatch(TOKEN_TEXT);
    },
  );
});

describe('A token endpoint that cannot be spoken with', () => {
  it('refuses the connection', async () => {
    await (await startWith(answering(200, TOKEN))).stop();
    const error = await firstFailure();
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_UNREACHABLE', retryable: true });
    expect(error.message).toContain('ECONNREFUSED');
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

  it("is what Quiqup's own error body says, its code, message and wrong fields", async () => {
    await startWith(
      answering(400, {
        code: 'invalid_argument',
        status: 400,
        message: 'wrong input',
        details: { fields: [{ field: 'grant_type', message: `is not one of ours, ${CLIENT_SECRET}` }, null, {}] },
      }),
    );
    const error = await firstFailure();
    expect(error.message).toContain('400 invalid_argument: wrong input; grant_type: is not one of ours, [redacted]');
    expect(error).toMatchObject({ code: 'QUIQUP_TOKEN_REQUEST_REFUSED', quiqupCode: 'invalid_argument' });
  });

  it.each([
    ['a code that is the client secret', { code: 'the_client_secret', message: 'no' }],
    ['a code that is no word', { code: 16, message: 'no' }],
    ['details that are no object', { message: 'no', details: 'the_client_secret' }],
  ])('is nothing that could be a secret: %s', async (_name, body) => {
    await startWith(answering(403, body), { clientSecret: 'the_client_secret' });
    const error = await firstFailure();
    expect(error.quiqupCode).toBeUndefined();
    expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain('the_client_secret');
  });

  it('is no axios error, which would carry the request with the secret in it', async () => {
    await startWith((request) => request.socket.destroy());
    const error = await firstFailure();
    expect(inspect(error, { depth: null, showHidden: true, getters: true })).not.toContain(CLIENT_SECRET);
    expect(error.cause).toBeUndefined();
  });
});
