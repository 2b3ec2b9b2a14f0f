import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import axios, {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { QuiqupConfigError } from 'nestjs-quiqup-auth';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { holdClock, releaseClock, turnClock } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';

/** Trusted, and out of reach: every call here ends in an adapter of the test's own. */
const GATEWAY = 'https://gateway.quiqup.example';
const FOREIGN = 'https://elsewhere.example';

let quiqup: QuiqupApp;
let token: string;

beforeEach(async () => {
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [GATEWAY] } });
  token = await quiqup.tokens.getAccessToken();
});
afterEach(() => quiqup.stop());

type Answer = Partial<Omit<AxiosResponse, 'config'>> & { readonly config?: unknown };

function reply(config: InternalAxiosRequestConfig, answer: Answer = {}): AxiosResponse {
  return { status: 200, statusText: '', headers: {}, data: undefined, config, ...answer } as AxiosResponse;
}

/** As axios' own adapters fail a call that was answered. */
function failedReply(config: InternalAxiosRequestConfig, answer: Answer): AxiosError {
  const response = reply(config, answer);
  return new AxiosError(`status ${response.status}`, 'ERR_BAD_REQUEST', config, undefined, response);
}

function call(adapter: AxiosAdapter, config: AxiosRequestConfig = {}): Promise<AxiosResponse> {
  return quiqup.quiqup.axiosRef.request({ url: `${GATEWAY}/orders`, ...config, adapter });
}

function wantsNothing(): void {
  // The caller's own, which wants nothing.
}

/** Of a 401, whether it came as an error or as a response. */
function bodyOf(outcome: AxiosResponse | AxiosError): Readable {
  return (outcome instanceof AxiosError ? outcome.response : outcome)?.data as Readable;
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: unknown) => error,
  );
}

const outcomes = (): unknown[] =>
  quiqup.events.flatMap((event) =>
    event.type === 'not-recovered' ? [event.reason] : event.type === 'recovered' ? ['recovered'] : [],
  );

describe('An adapter', () => {
  it('gets the token in one header, whatever the caller left of it', async () => {
    const seen: unknown[] = [];
    for (const name of ['authorization', 'Authorization', 'AUTHORIZATION']) {
      await call(
        (config) => {
          seen.push(Object.entries(config.headers).filter(([header]) => header.toLowerCase() === 'authorization'));
          return Promise.resolve(reply(config));
        },
        { headers: { [name]: undefined as unknown as string, 'X-Other': 'other' } },
      );
    }
    const expected = [['Authorization', `Bearer ${token}`]];
    expect(seen).toEqual([expected, expected, expected]);
    const next = await quiqup.tokens.refresh();
    await call((config) => {
      seen.push(config.headers.get('Authorization'));
      return Promise.resolve(reply(config));
    });
    expect(seen.at(-1)).toBe(`Bearer ${next}`);
  });

  it.each<[string, (error: Error) => Promise<AxiosResponse>]>([
    [
      'throws at once',
      (error) => {
        throw error;
      },
    ],
    [
      'rejects',
      async (error) => {
        throw error;
      },
    ],
  ])('that %s leaves no header and no guard in the config', async (_how, fail) => {
    const error = new Error('The gateway is not configured.');
    for (const given of [{}, { beforeRedirect: wantsNothing }]) {
      let sent: InternalAxiosRequestConfig | undefined;
      const adapter: AxiosAdapter = (config) => {
        sent = config;
        expect(config.headers.get('Authorization')).toBe(`Bearer ${token}`);
        return fail(error);
      };
      expect(await failureOf(call(adapter, given))).toBe(error);
      expect(sent?.headers.has('Authorization')).toBe(false);
      expect(waysTo(token, sent?.headers)).toEqual([]);
      expect(sent?.beforeRedirect).toBe('beforeRedirect' in given ? wantsNothing : undefined);
      expect('beforeRedirect' in (sent as object)).toBe('beforeRedirect' in given);
      expect(sent?.adapter).toBe(adapter);
    }
  });

  it('that throws at once after its wait for a token fails the call and nothing else', async () => {
    await quiqup.tokens.refresh();
    const error = new Error('The gateway is not configured.');
    const failures = [1, 2].map(() =>
      failureOf(
        call(() => {
          throw error;
        }),
      ),
    );
    expect(await Promise.all(failures)).toEqual([error, error]);
    expect(quiqup.tokenRequests).toBe(2);
  });

  it('may answer without a promise', async () => {
    const response = await call((config) => reply(config, { data: 'at once' }) as unknown as Promise<AxiosResponse>);
    expect(response.data).toBe('at once');
    expect(response.config.headers.has('Authorization')).toBe(false);
  });

  it.each([undefined, null, 'text', 0])('may fail with what is no error: %j', async (reason) => {
    expect(await failureOf(call(() => Promise.reject(reason)))).toBe(reason);
    expect(outcomes()).toEqual([]);
  });

  it('may be named, or be one of a list', async () => {
    const url = `${quiqup.simulator.url}api/fulfilment/orders`;
    for (const adapter of ['http', 'fetch', ['xhr', 'http']]) {
      expect(await quiqup.quiqup.axiosRef.get(url, { adapter })).toMatchObject({ status: 200 });
    }
  });

  it('of axios.defaults is taken where the call has none, and its config is left without one', async () => {
    const client = axios.create();
    quiqup.interceptor.attach(client);
    delete client.defaults.adapter;
    const { data, config } = await client.get(`${quiqup.simulator.url}api/fulfilment/orders`);
    expect(data).toEqual([]);
    expect(config.adapter).toBeUndefined();
  });
});

/** Refuses the first sending and accepts the next. */
function refusesOnce(refuse: (config: InternalAxiosRequestConfig) => AxiosResponse): {
  adapter: AxiosAdapter;
  sendings: string[];
  atReplay: () => void;
} {
  const script = {
    sendings: [] as string[],
    atReplay: (): void => undefined,
    adapter: (async (config) => {
      script.sendings.push(String(config.headers.get('Authorization')));
      if (script.sendings.length === 1) {
        const response = refuse(config);
        if (config.validateStatus?.(response.status) === false) {
          throw failedReply(config, response);
        }
        return response;
      }
      script.atReplay();
      return reply(config, { data: 'accepted' });
    }) as AxiosAdapter,
  };
  return script;
}

describe.each<[string, AxiosRequestConfig]>([
  ['that is an error', {}],
  ['that validateStatus lets through', { validateStatus: () => true }],
])('A 401 %s', (_how, options) => {
  it('is followed by one more sending with another token', async () => {
    const script = refusesOnce((config) => reply(config, { status: 401 }));
    expect(await call(script.adapter, options)).toMatchObject({ status: 200, data: 'accepted' });
    const next = quiqup.tokens.peek();
    expect(next).not.toBe(token);
    expect(script.sendings).toEqual([`Bearer ${token}`, `Bearer ${next}`]);
    expect(outcomes()).toEqual(['recovered']);
  });

  it('has its live body ended before the replay', async () => {
    const body = new PassThrough();
    body.write('half an answer');
    let wasDestroyed: boolean | undefined;
    const script = refusesOnce((config) => reply(config, { status: 401, data: body }));
    script.atReplay = () => (wasDestroyed = body.destroyed);
    await call(script.adapter, options);
    expect(wasDestroyed).toBe(true);
  });

  it('has its web stream cancelled before the replay, and may object to that', async () => {
    let cancels = 0;
    const body = new ReadableStream({
      cancel() {
        cancels += 1;
        throw new Error('It cannot be cancelled.');
      },
    });
    let cancelsAtReplay: number | undefined;
    const script = refusesOnce((config) => reply(config, { status: 401, data: body }));
    script.atReplay = () => (cancelsAtReplay = cancels);
    expect((await call(script.adapter, options)).data).toBe('accepted');
    expect(cancelsAtReplay).toBe(1);
    // An unhandled rejection would fail the test's process.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it.each([undefined, null, 'text', 7, {}, { destroy: true }, { cancel: true }])(
    'has a body with nothing to end: %j',
    async (data) => {
      const script = refusesOnce((config) => reply(config, { status: 401, data }));
      expect((await call(script.adapter, options)).data).toBe('accepted');
    },
  );

  it('at the end of a redirect that lost the token means nothing, and comes as it is', async () => {
    let sendings = 0;
    const adapter: AxiosAdapter = async (config) => {
      sendings += 1;
      const headers = { authorization: config.headers.get('Authorization') };
      redirect(config, { href: `${FOREIGN}/orders`, headers });
      const response = reply(config, { status: 401 });
      if (config.validateStatus?.(401) === false) {
        throw failedReply(config, response);
      }
      return response;
    };
    const outcome = await call(adapter, options).catch((error: unknown) => error as AxiosError);
    expect(outcome.status).toBe(401);
    expect(sendings).toBe(1);
    expect(quiqup.tokens.peek()).toBe(token);
    expect(quiqup.tokenRequests).toBe(1);
    expect(quiqup.events.some(({ type }) => type === 'rejected')).toBe(false);
  });

  it('to a body that can be read once is returned with what it holds', async () => {
    const body = new PassThrough().end('why');
    let sendings = 0;
    const adapter: AxiosAdapter = async (config) => {
      sendings += 1;
      const answer = { status: 401, data: body };
      if (config.validateStatus?.(401) === false) {
        throw failedReply(config, answer);
      }
      return reply(config, answer);
    };
    const outcome = await call(adapter, { ...options, method: 'post', data: Readable.from(['once']) }).catch(
      (error: unknown) => error as AxiosError,
    );
    expect(outcome.status).toBe(401);
    expect(sendings).toBe(1);
    expect(await text(bodyOf(outcome))).toBe('why');
    expect(outcomes()).toEqual(['one-shot-body']);
    expect(quiqup.tokens.peek()).not.toBe(token);
  });

  it('that comes again is the one that the caller gets, with what it holds', async () => {
    const bodies = [new PassThrough(), new PassThrough()];
    let sendings = 0;
    const adapter: AxiosAdapter = async (config) => {
      const answer = { status: 401, data: bodies[sendings] };
      sendings += 1;
      if (config.validateStatus?.(401) === false) {
        throw failedReply(config, answer);
      }
      return reply(config, answer);
    };
    const outcome = await call(adapter, options).catch((error: unknown) => error as AxiosError);
    const response = outcome instanceof AxiosError ? outcome.response : outcome;
    expect(response?.data).toBe(bodies[1]);
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true, false]);
    expect(sendings).toBe(2);
    expect(outcomes()).toEqual(['refused-again']);
  });

  it('without another token stands with what it holds', async () => {
    quiqup.simulator.policy = 'reuse';
    const body = new PassThrough().end('why');
    const script = refusesOnce((config) => reply(config, { status: 401, data: body }));
    const outcome = await call(script.adapter, options).catch((error: unknown) => error as AxiosError);
    expect(outcome.status).toBe(401);
    expect(await text(bodyOf(outcome))).toBe('why');
    expect(script.sendings).toHaveLength(1);
    expect(outcomes()).toEqual(['no-other-token']);
  });

  it('whose replay fails ends with the error of the replay', async () => {
    const script = refusesOnce((config) => reply(config, { status: 401 }));
    const lost = new Error('The connection was lost.');
    script.atReplay = () => {
      throw lost;
    };
    expect(await failureOf(call(script.adapter, options))).toBe(lost);
    expect(outcomes()).toEqual(['replay-failed']);
  });
});

describe('Another failure of the replay', () => {
  it('that was answered is a success of the recovery', async () => {
    const adapter = refusesOnce((config) => reply(config, { status: 401 }));
    let sent: InternalAxiosRequestConfig | undefined;
    adapter.atReplay = () => {
      throw failedReply(sent as InternalAxiosRequestConfig, { status: 422 });
    };
    const spied: AxiosAdapter = (config) => {
      sent = config;
      return adapter.adapter(config);
    };
    expect(await failureOf(call(spied))).toMatchObject({ response: { status: 422 } });
    expect(outcomes()).toEqual(['recovered']);
  });
});

/** As follow-redirects calls it. */
function redirect(
  { beforeRedirect }: Pick<AxiosRequestConfig, 'beforeRedirect'>,
  options: Record<string, unknown>,
  request?: { headers?: Record<string, string> },
): void {
  beforeRedirect?.(options, { headers: {}, statusCode: 307 }, request as never);
}

describe('A redirect', () => {
  const TARGET = {
    href: `${GATEWAY}/target`,
    protocol: 'https:',
    host: 'gateway.quiqup.example',
    hostname: 'gateway.quiqup.example',
    port: '443',
    socketPath: null,
  };

  /** The final headers of the next request, and whether a 401 there counted as a refusal. */
  async function redirected(
    own: AxiosRequestConfig['beforeRedirect'],
    options: Record<string, unknown> = {},
  ): Promise<{ headers: Record<string, unknown>; isRefusal: boolean }> {
    let headers: Record<string, unknown> | undefined;
    const adapter: AxiosAdapter = async (config) => {
      const next = {
        ...TARGET,
        headers: { accept: '*/*', authorization: config.headers.get('Authorization') },
        ...options,
      };
      redirect(config, next);
      headers ??= { ...next.headers };
      return reply(config, { status: 401 });
    };
    await call(adapter, { validateStatus: () => true, ...(own && { beforeRedirect: own }) });
    return { headers: headers ?? {}, isRefusal: quiqup.tokenRequests === 2 };
  }

  it('to a trusted origin keeps the token under the name that it had, and its 401 is a refusal', async () => {
    expect(await redirected(undefined)).toEqual({
      headers: { accept: '*/*', authorization: `Bearer ${token}` },
      isRefusal: true,
    });
  });

  it('to another keeps the other headers alone', async () => {
    expect(await redirected(undefined, { href: `${FOREIGN}/target` })).toEqual({
      headers: { accept: '*/*' },
      isRefusal: false,
    });
  });

  it.each(Object.keys(TARGET))("whose %s the caller's beforeRedirect changes loses the token", async (part) => {
    const { headers, isRefusal } = await redirected((options) => {
      options[part] = part === 'href' ? `${GATEWAY}/another` : 'changed';
    });
    expect(headers).toEqual({ accept: '*/*' });
    expect(isRefusal).toBe(false);
  });

  it("keeps the token where the caller's beforeRedirect changes nothing of where it goes", async () => {
    const { headers, isRefusal } = await redirected((options) => {
      options['headers'] = { accept: 'text/html' };
      options['timeout'] = 5;
    });
    expect(headers).toEqual({ accept: 'text/html', authorization: `Bearer ${token}` });
    expect(isRefusal).toBe(true);
  });

  it("keeps the authorization that the caller's beforeRedirect sets, of any case", async () => {
    const { headers, isRefusal } = await redirected(({ headers: set }) => {
      (set as unknown as Record<string, string>)['AUTHORIZATION'] = 'Bearer own';
    });
    expect(headers).toEqual({ accept: '*/*', AUTHORIZATION: 'Bearer own' });
    expect(isRefusal).toBe(false);
  });

  it('of which axios has taken the token out itself is not given it back', async () => {
    const { headers, isRefusal } = await redirected(undefined, { headers: { accept: '*/*' } });
    expect(headers).toEqual({ accept: '*/*' });
    expect(isRefusal).toBe(false);
  });

  it("shows the caller's beforeRedirect what it is given, but for the token", async () => {
    const seen: unknown[] = [];
    const request = { headers: { Authorization: `Bearer ${token}`, accept: '*/*' } };
    const own: AxiosRequestConfig['beforeRedirect'] = (...given) => {
      seen.push(structuredClone(given));
    };
    await call(
      async (config) => {
        redirect(config, { ...TARGET, headers: { authorization: `Bearer ${token}` } }, request);
        return reply(config);
      },
      { beforeRedirect: own },
    );
    expect(seen).toEqual([
      [{ ...TARGET, headers: {} }, { headers: {}, statusCode: 307 }, { headers: { accept: '*/*' } }],
    ]);
  });
});

describe('What an adapter hands back', () => {
  /** As a native request shows itself. */
  const native = (): object => ({
    method: 'GET',
    protocol: 'https:',
    host: 'gateway.quiqup.example',
    path: '/orders',
    _header: `GET /orders HTTP/1.1\r\nAuthorization: Bearer ${token}`,
    res: { responseUrl: `${GATEWAY}/orders`, req: { _header: token } },
  });
  const FACTS = {
    method: 'GET',
    protocol: 'https:',
    host: 'gateway.quiqup.example',
    path: '/orders',
    res: { responseUrl: `${GATEWAY}/orders` },
  };

  it('has the plain facts of the request in its place', async () => {
    const { request } = await call((config) => Promise.resolve(reply(config, { request: native() })));
    expect(request).toEqual(FACTS);
  });

  it('has them in an error and in the response of an error too', async () => {
    const error = await failureOf(
      call((config) => {
        const failure = failedReply(config, { status: 503, request: native() });
        failure.request = native();
        return Promise.reject(failure);
      }),
    );
    expect(error).toMatchObject({ request: FACTS, response: { request: FACTS } });
    expect((error as AxiosError).request).toEqual(FACTS);
    expect((error as AxiosError).response?.request).toEqual(FACTS);
  });

  it.each<[unknown, unknown]>([
    [{}, {}],
    [{ method: 1, protocol: null, host: undefined, path: ['a'], res: null }, {}],
    [{ path: '/orders', res: {} }, { path: '/orders' }],
    [{ path: '/orders', res: { responseUrl: 7 } }, { path: '/orders' }],
    ['a text', 'a text'],
    [null, null],
    [undefined, undefined],
  ])('may have any request: %j becomes %j', async (request, expected) => {
    const response = await call((config) => Promise.resolve(reply(config, { request })));
    expect(response.request).toEqual(expected);
  });

  it('may have a config of its own, which keeps all but the token', async () => {
    for (const name of ['authorization', 'Authorization']) {
      const headers = { [name]: `Bearer ${token}`, accept: '*/*', 'x-authorization': 'other', authorizatiom: 'other' };
      const response = await call((config) => Promise.resolve(reply(config, { config: { headers } })));
      expect(response.config.headers).toEqual({ accept: '*/*', 'x-authorization': 'other', authorizatiom: 'other' });
    }
  });

  it('has a live body whose failure shows no token, not even to whoever listened first', async () => {
    const body = new PassThrough();
    const heard: unknown[] = [];
    body.on('error', (error) => heard.push(waysTo(token, error)));
    const headers = new AxiosHeaders({ Authorization: `Bearer ${token}` });
    await call((config) => Promise.resolve(reply(config, { data: body })));
    const error = Object.assign(new Error('It broke off.'), { request: native(), config: { headers } });
    body.emit('error', error);
    expect(heard).toEqual([[]]);
    expect(error.request).toEqual(FACTS);
  });

  it.each([null, 'text', 5, { prependListener: 'no function' }])('may have any data: %j', async (data) => {
    expect((await call((config) => Promise.resolve(reply(config, { data })))).data).toBe(data);
  });

  it('shows no token in any of several errors, and in what caused them', async () => {
    const request = native();
    const leaky = (config: InternalAxiosRequestConfig, cause?: unknown): Error =>
      Object.assign(new Error('It failed.', { cause }), {
        request,
        config: { ...config, headers: new AxiosHeaders(config.headers) },
        response: reply(config, { request }),
      });
    const failure = await failureOf(
      call((config) =>
        Promise.reject(
          Object.assign(new AggregateError([leaky(config), 'text', leaky(config, leaky(config))], 'All failed.'), {
            cause: leaky(config),
          }),
        ),
      ),
    );
    expect((failure as AggregateError).errors).toHaveLength(3);
    // The test's own adapter stands in the configs.
    expect(waysTo(`Bearer ${token}`, failure)).toEqual([]);
  });
});

async function* generate(): AsyncGenerator<string> {
  yield 'once';
}

it('Errors that cause one another in a circle show no token', async () => {
  const one: Error = new Error('one');
  const other = Object.assign(new Error('other', { cause: one }), { request: { path: '/orders', _header: token } });
  one.cause = other;
  expect(await failureOf(call(() => Promise.reject(one)))).toBe(one);
  expect(other.request).toEqual({ path: '/orders' });
});

describe('A body', () => {
  it.each<[string, () => unknown, boolean]>([
    ['a Node stream', () => Readable.from(['once']), true],
    ['a web stream', () => new Blob(['once']).stream(), true],
    ['what can only be piped', () => ({ pipe: () => undefined }), true],
    ['what only has a reader', () => ({ getReader: () => undefined }), true],
    ['an async generator', generate, true],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: () => undefined }), true],
    ['text', () => 'text', false],
    ['nothing', () => null, false],
    ['an object of a library', () => ({ pipe: 'a', getReader: 1 }), true],
    ['bytes', () => Buffer.from('bytes'), false],
  ])('that is %s is sent again unless it can be read only once', async (_what, make, isOnce) => {
    const script = refusesOnce((config) => reply(config, { status: 401 }));
    const outcome = await call(script.adapter, {
      method: 'post',
      data: make(),
      transformRequest: [(value: unknown) => value],
    }).catch((error: unknown) => error as AxiosError);
    expect(outcome.status).toBe(isOnce ? 401 : 200);
    expect(script.sendings).toHaveLength(isOnce ? 1 : 2);
  });
});

describe('A call that waits for a token', () => {
  it.each(['signal', 'cancelToken'] as const)(
    'and has both a signal and a cancel token is ended by the %s',
    async (by) => {
      const other = await QuiqupApp.start({ module: { trustedOrigins: [GATEWAY] } });
      try {
        other.simulator.stall(Infinity, { on: 'token' });
        const controller = new AbortController();
        const source = axios.CancelToken.source();
        let sendings = 0;
        const adapter: AxiosAdapter = (config) => {
          sendings += 1;
          return Promise.resolve(reply(config));
        };
        const failure = failureOf(
          other.quiqup.axiosRef.get(GATEWAY, { adapter, signal: controller.signal, cancelToken: source.token }),
        );
        await eventually(() => other.tokenRequests === 1, 'the endpoint was asked');
        if (by === 'signal') {
          controller.abort();
        } else {
          source.cancel('no longer needed');
        }
        expect(axios.isCancel(await failure)).toBe(true);
        expect(sendings).toBe(0);
      } finally {
        await other.stop();
      }
    },
  );
});

/** Sent during a renewal of the given duration. */
async function sentDuringRenewal(renewalMs: number, config: AxiosRequestConfig = {}) {
  holdClock();
  quiqup.simulator.stall(renewalMs, { on: 'token' });
  void quiqup.tokens.refresh().catch(() => undefined);
  await eventually(() => quiqup.tokenRequests === 2, 'the endpoint was asked');
  const sent: unknown[] = [];
  const outcome = call(
    (sending) => {
      sent.push(sending.headers.get('Authorization'));
      return Promise.resolve(reply(sending));
    },
    { method: 'post', data: Readable.from(['once']), ...config },
  );
  outcome.catch(() => undefined);
  return { sent, outcome };
}

describe('A body that can be read only once', () => {
  afterEach(releaseClock);

  it('waits for a renewal under way, to go with the better token', async () => {
    const { sent, outcome } = await sentDuringRenewal(500);
    await turnClock(499);
    expect(sent).toEqual([]);
    await turnClock(1);
    await outcome;
    expect(sent).toEqual([`Bearer ${quiqup.tokens.peek()}`]);
    expect(sent).not.toEqual([`Bearer ${token}`]);
  });

  it('waits for it no longer than a second', async () => {
    const { sent, outcome } = await sentDuringRenewal(5_000);
    await turnClock(999);
    expect(sent).toEqual([]);
    await turnClock(1);
    await outcome;
    expect(sent).toEqual([`Bearer ${token}`]);
    await turnClock(4_000);
    await quiqup.settled();
  });

  it('goes with the token in hand when the renewal fails', async () => {
    quiqup.simulator.failNext({ on: 'token', status: 400, body: { error: 'invalid_request' } });
    holdClock();
    const refreshed = failureOf(quiqup.tokens.refresh());
    const { data, config } = await call(
      (sending) => Promise.resolve(reply(sending, { data: sending.headers.get('Authorization') })),
      {
        method: 'post',
        data: Readable.from(['once']),
      },
    );
    expect(data).toBe(`Bearer ${token}`);
    expect(config.headers.has('Authorization')).toBe(false);
    await refreshed;
  });

  it('waits no more once its caller has left', async () => {
    const controller = new AbortController();
    const { sent, outcome } = await sentDuringRenewal(500, { signal: controller.signal });
    controller.abort();
    expect(axios.isCancel(await failureOf(outcome))).toBe(true);
    await turnClock(1_000);
    await quiqup.settled();
    expect(sent).toEqual([]);
  });

  it('does not wait where no renewal is under way, nor does another body', async () => {
    let sendings = 0;
    const adapter: AxiosAdapter = (sending) => {
      sendings += 1;
      return Promise.resolve(reply(sending));
    };
    holdClock();
    await call(adapter, { method: 'post', data: Readable.from(['once']) });
    quiqup.simulator.stall(500, { on: 'token' });
    void quiqup.tokens.refresh().catch(() => undefined);
    await eventually(() => quiqup.tokenRequests === 2, 'the endpoint was asked');
    await call(adapter, { method: 'post', data: 'text' });
    expect(sendings).toBe(2);
    await turnClock(500);
    await quiqup.settled();
  });
});

describe('A call that may not have the token', () => {
  it.each<[string, AxiosRequestConfig]>([
    ['with an authorization of its own', { headers: { authorization: 'Bearer own' } }],
    ['with credentials of its own', { auth: { username: 'own', password: 'own' } }],
    ['to another origin', { url: FOREIGN }],
  ])('(%s) goes as it is, and what comes back is left alone', async (_which, config) => {
    const request = { native: true };
    let sent: unknown;
    const response = await call(
      (sending) => {
        sent = sending.headers.get('Authorization');
        return Promise.resolve(reply(sending, { status: 401, request }));
      },
      { ...config, validateStatus: () => true },
    );
    expect(sent).not.toBe(`Bearer ${token}`);
    expect(response.request).toBe(request);
    expect(quiqup.tokenRequests).toBe(1);
    expect(quiqup.events.some(({ type }) => type === 'rejected')).toBe(false);
  });
});

/** The authorization that a call of the client is sent with. */
async function authorizationOf(client: AxiosInstance): Promise<unknown> {
  let authorization: unknown;
  await client.get(GATEWAY, {
    adapter: (config) => {
      authorization = config.headers.get('Authorization') ?? 'none';
      return Promise.resolve(reply(config));
    },
  });
  return authorization;
}

describe('attach', () => {
  it('serves an axios instance and an HttpService alike, until all who attached have detached', async () => {
    const client = axios.create();
    const detach = quiqup.interceptor.attach(new HttpService(client));
    const detachOther = quiqup.interceptor.attach(client);
    expect(await authorizationOf(client)).toBe(`Bearer ${token}`);
    detach();
    expect(await authorizationOf(client)).toBe(`Bearer ${token}`);
    detachOther();
    expect(await authorizationOf(client)).toBe('none');
    expect(await authorizationOf(axios.create())).toBe('none');
  });

  it('done anew has nothing to do with the detaching before it', async () => {
    const client = axios.create();
    const detach = quiqup.interceptor.attach(client);
    detach();
    const detachAnew = quiqup.interceptor.attach(client);
    detach();
    expect(await authorizationOf(client)).toBe(`Bearer ${token}`);
    detachAnew();
    detachAnew();
    expect(await authorizationOf(client)).toBe('none');
  });

  it('ends with the application, and leaves the instance to the next', async () => {
    const client = axios.create();
    quiqup.interceptor.attach(client);
    await quiqup.app.close();
    expect(await authorizationOf(client)).toBe('none');
    const next = await QuiqupApp.start({ simulator: quiqup.simulator, module: { trustedOrigins: [GATEWAY] } });
    try {
      next.interceptor.attach(client);
      expect(await authorizationOf(client)).toBe(`Bearer ${await next.tokens.getAccessToken()}`);
    } finally {
      await next.app.close();
    }
  });

  it('runs without a turn of its own, so that a call is on its way at once', async () => {
    const client = axios.create();
    quiqup.interceptor.attach(client);
    for (const instance of [client, quiqup.quiqup.axiosRef]) {
      let isSent = false;
      const outcome = instance.get(GATEWAY, {
        adapter: (config) => {
          isSent = true;
          return Promise.resolve(reply(config));
        },
      });
      // As many turns as axios takes itself where every interceptor is synchronous.
      await Promise.resolve();
      expect(isSent).toBe(true);
      await outcome;
    }
  });
});

describe('The two APIs', () => {
  it('have their own address and interceptors, the same options and one token', async () => {
    const { simulator } = quiqup;
    const app = await QuiqupApp.start({
      simulator,
      module: { lastMileUrl: simulator.lastMileUrl, http: { timeout: 7_654 } },
    });
    try {
      const { quiqup: platform } = app;
      expect(platform.lastMile).toBe(platform.lastMile);
      expect(platform.axiosRef.defaults).toMatchObject({ timeout: 7_654 });
      expect(platform.lastMile.axiosRef.defaults).toMatchObject({ timeout: 7_654 });
      platform.axiosRef.interceptors.request.use(() => {
        throw new Error('of the platform alone');
      });
      expect(await platform.lastMile.axiosRef.post('/orders', { partner_order_id: 'A-1' })).toMatchObject({
        status: 201,
      });
      await expect(platform.axiosRef.get('/api/fulfilment/orders')).rejects.toThrow('of the platform alone');
    } finally {
      await app.app.close();
    }
  });

  it('are one on the mock environment, which says so', async () => {
    const app = await QuiqupApp.start({
      simulator: quiqup.simulator,
      module: { environment: 'mock', baseUrl: undefined },
    });
    try {
      expect(() => app.quiqup.lastMile).toThrow(QuiqupConfigError);
      expect(() => app.quiqup.lastMile).toThrow(/environment.*'mock' has no last-mile API/s);
    } finally {
      await app.app.close();
    }
  });
});
