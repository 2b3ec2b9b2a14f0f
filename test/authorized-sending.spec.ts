import { beforeEach, describe, expect, it } from '@jest/globals';
import { AxiosHeaders, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { AuthorizedSending } from '../lib/http/authorized-sending.js';
import { redirectGuard } from '../lib/http/redirect-guard.js';
import { responseOf, statusOf, unwrap } from '../lib/http/settled.js';
import { TrustedOrigins } from '../lib/http/trusted-origins.js';

const TOKEN = 'a-token';
const ORIGIN = 'https://api.example';

type Options = Record<string, unknown>;

interface Sending {
  readonly outcome: Promise<unknown>;
  readonly config: InternalAxiosRequestConfig;
  /** The headers with which the adapter was called. */
  readonly sent: Options[];
}

let accepted: number;
let refused: unknown[];
let sending: AuthorizedSending;
beforeEach(() => {
  accepted = 0;
  refused = [];
  sending = new AuthorizedSending(new TrustedOrigins([ORIGIN]));
});

const responseWith = (status: number, own: object = {}): AxiosResponse =>
  ({ status, statusText: '', data: '', headers: {}, ...own }) as AxiosResponse;

const accepting = () => Promise.resolve(responseWith(200));
const doNothing = (): void => undefined;

function send(adapter: (config: InternalAxiosRequestConfig) => unknown, own: Options = {}, token = TOKEN): Sending {
  const sent: Options[] = [];
  const config = { headers: new AxiosHeaders(), url: `${ORIGIN}/orders`, ...own } as InternalAxiosRequestConfig;
  const recording = ((one: InternalAxiosRequestConfig) => {
    sent.push(one.headers.toJSON());
    return adapter(one);
  }) as AxiosAdapter;
  const outcome = sending
    .send({ config, adapter: recording, isOneShot: false }, token, {
      onAccepted: () => (accepted += 1),
      onRefused: (refusal) => {
        refused.push(refusal);
        return Promise.resolve(responseWith(299));
      },
    })
    .then(
      (response) => response.status,
      (error: unknown) => error,
    );
  return { outcome, config, sent };
}

describe('A call with the token on it', () => {
  it('has the header while it is under way, and never after', async () => {
    const { outcome, config, sent } = send(accepting);
    expect(await outcome).toBe(200);
    expect(sent).toEqual([{ Authorization: `Bearer ${TOKEN}` }]);
    expect(config.headers.toJSON()).toEqual({});
    expect('beforeRedirect' in config).toBe(false);
  });

  it('has the header of its own token', async () => {
    const sendings = [send(accepting), send(accepting, {}, 'another'), send(accepting)];
    await Promise.all(sendings.map(({ outcome }) => outcome));
    expect(sendings.map(({ sent }) => sent[0]?.['Authorization'])).toEqual([
      `Bearer ${TOKEN}`,
      'Bearer another',
      `Bearer ${TOKEN}`,
    ]);
  });

  it('gives the redirect rule of its caller back', async () => {
    const { outcome, config } = send(accepting, { beforeRedirect: doNothing });
    expect(config.beforeRedirect).not.toBe(doNothing);
    await outcome;
    expect(config.beforeRedirect).toBe(doNothing);
  });

  it.each([
    ['throws at once', () => { throw new Error('broken'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('has no header after an adapter that %s', async (_, adapter) => {
    const { outcome, config } = send(adapter);
    expect(await outcome).toMatchObject({ message: 'broken' });
    expect(config.headers.toJSON()).toEqual({});
  });

  it('may have an adapter that answers without a promise', async () => {
    expect(await send(() => responseWith(204)).outcome).toBe(204);
  });

  it.each([
    [200, 1],
    [399, 1],
    [400, 0],
    [403, 0],
    [500, 0],
  ])('that ends with %d was accepted: %d', async (status, times) => {
    expect(await send(() => responseWith(status)).outcome).toBe(status);
    expect(accepted).toBe(times);
    expect(refused).toEqual([]);
  });

  it('that ends with 401 was refused, as a response or as an error', async () => {
    const response = responseWith(401);
    expect(await send(() => response).outcome).toBe(299);
    const error = Object.assign(new Error('401'), { response });
    expect(await send(() => Promise.reject(error)).outcome).toBe(299);
    // A response that was too long for axios.
    const tooLong = Object.assign(new Error('too long'), { request: { res: { statusCode: 401 } } });
    expect(await send(() => Promise.reject(tooLong)).outcome).toBe(299);
    expect(refused).toEqual([{ response }, { error }, { error: tooLong }]);
    expect(accepted).toBe(0);
  });

  it.each([[Object.assign(new Error('500'), { response: responseWith(500) })], [null], ['a text']])(
    'that fails otherwise fails so: %p',
    async (failure) => {
      expect(await send(() => Promise.reject(failure)).outcome).toBe(failure);
      expect(refused).toEqual([]);
    },
  );

  it('leads to no token: neither its response nor its error', async () => {
    const response = responseWith(200, { request: { _header: TOKEN }, raw: TOKEN });
    await send(() => response).outcome;
    expect(response).toMatchObject({ request: {}, raw: undefined });
    const error = Object.assign(new Error('broken'), { request: { _header: TOKEN }, raw: TOKEN });
    await send(() => Promise.reject(error)).outcome;
    expect(error).toMatchObject({ request: {}, raw: undefined });
  });
});

/** Follows a redirect, as the adapter does, and ends with the status. */
const redirected =
  (status: number, href: string) =>
  ({ beforeRedirect }: InternalAxiosRequestConfig): AxiosResponse => {
    const options = { href, headers: { Authorization: TOKEN } };
    beforeRedirect?.(options, { headers: {}, statusCode: 302 }, undefined as never);
    return responseWith(status);
  };

describe('A call that was redirected to where the token does not go', () => {
  it.each([401, 200])('tells nothing about the token: %d', async (status) => {
    expect(await send(redirected(status, 'https://elsewhere.example/')).outcome).toBe(status);
    expect([accepted, refused]).toEqual([0, []]);
  });

  it('tells as much as any where the token went along', async () => {
    expect(await send(redirected(401, `${ORIGIN}/moved`)).outcome).toBe(299);
    expect(await send(redirected(200, `${ORIGIN}/moved`)).outcome).toBe(200);
    expect([accepted, refused.length]).toEqual([1, 1]);
  });

  it('tells nothing as an error, either', async () => {
    const error = Object.assign(new Error('401'), { response: responseWith(401) });
    const failing = (config: InternalAxiosRequestConfig): Promise<never> => {
      redirected(401, 'https://elsewhere.example/')(config);
      return Promise.reject(error);
    };
    expect(await send(failing).outcome).toBe(error);
    expect(refused).toEqual([]);
  });
});

const isTrusted = (url: string): boolean => url.startsWith(ORIGIN);

describe('A redirect', () => {
  const TO = `${ORIGIN}/moved`;
  const follow = (own: Parameters<typeof redirectGuard>[0], options: Options = {}, request?: object) => {
    const all: Options = { href: TO, headers: { authorization: TOKEN, host: 'api.example' }, ...options };
    const seen: boolean[] = [];
    redirectGuard(own, isTrusted, (keeps) => seen.push(keeps))(all, { headers: {}, statusCode: 302 }, request as never);
    return { keeps: seen[0], headers: all['headers'] as Options };
  };

  it('keeps the token where it goes to a trusted origin', () => {
    expect(follow(undefined)).toEqual({ keeps: true, headers: { authorization: TOKEN, host: 'api.example' } });
  });

  it.each<[string, Options]>([
    ['goes elsewhere', { href: 'https://elsewhere.example/' }],
    ['has no token any more', { headers: {} }],
  ])('keeps none where it %s', (_, options) => {
    expect(follow(undefined, options)).toMatchObject({ keeps: false });
    expect(follow(undefined, options).headers).not.toHaveProperty('authorization');
  });

  it('shows its caller no token, in the options or in the request before it', () => {
    const request = { headers: { Authorization: TOKEN } };
    const seen: unknown[] = [];
    follow(
      (options, _, before) => seen.push({ ...(options['headers'] as object) }, { ...before.headers }),
      {},
      request,
    );
    expect(seen).toEqual([{ host: 'api.example' }, {}]);
  });

  it.each(['protocol', 'hostname', 'port', 'socketPath', 'servername', 'lookup', 'agent', 'createConnection', 'href'])(
    'that its caller leads elsewhere by %s keeps none',
    (part) => {
      expect(follow((options) => void (options[part] = `${ORIGIN}/x`)).keeps).toBe(false);
    },
  );

  it('that its caller leads elsewhere by a Host header keeps none', () => {
    const own = (value?: string) => follow((options) => void ((options['headers'] as Options)['HOST'] = value));
    expect(follow((options) => void (options['headers'] = { Host: 'elsewhere.example' })).keeps).toBe(false);
    expect(own('api.example').keeps).toBe(true);
  });

  it('keeps the authorization that its caller gives it, and not the token', () => {
    const { keeps, headers } = follow((options) => void ((options['headers'] as Options)['Authorization'] = 'own'));
    expect([keeps, headers]).toEqual([false, { host: 'api.example', Authorization: 'own' }]);
  });
});

describe('What an adapter brought', () => {
  it('has a response and a status, wherever they are', () => {
    const response = responseWith(401);
    expect([responseOf({ response }), responseOf({ error: { response } }), responseOf({ error: null })]).toEqual([
      response,
      response,
      undefined,
    ]);
    const errors = [{ request: { res: { statusCode: 401 } } }, { request: { res: {} } }, { request: {} }, {}, null];
    expect(errors.map((error) => statusOf({ error }))).toEqual([401, undefined, undefined, undefined, undefined]);
    expect(statusOf({ response })).toBe(401);
  });

  it('ends as it came', async () => {
    const response = responseWith(200);
    expect(await unwrap({ response })).toBe(response);
    await expect(unwrap({ error: new Error('broken') })).rejects.toThrow('broken');
  });
});
