import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { AxiosError, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { PassThrough, Readable } from 'node:stream';
import type { AuthorizingAdapter } from '../lib/http/authorizing-adapter.js';
import { deferred } from './support/deferred.js';
import { fails } from './support/scripted-endpoint.js';
import { VirtualInstances, type VirtualInstance } from './support/virtual-instances.js';

const S = 1_000;
const URL_OF_CALL = 'http://localhost/orders';

type Answer = (config: InternalAxiosRequestConfig) => AxiosResponse | Promise<AxiosResponse>;

let fleet: VirtualInstances;
let one: VirtualInstance;
let adapter: AuthorizingAdapter;
/** With which authorization each sending arrived. */
let sent: unknown[];
beforeEach(() => {
  fleet = new VirtualInstances();
  one = fleet.start();
  adapter = one.createAdapter(one.tokens);
  sent = [];
});
afterEach(() => fleet.stop());

const configOf = (own: object = {}): InternalAxiosRequestConfig =>
  ({ headers: new axios.AxiosHeaders(), url: URL_OF_CALL, method: 'post', ...own }) as InternalAxiosRequestConfig;
const answers =
  (status: number, data: unknown = ''): Answer =>
  (config) => ({ status, statusText: '', headers: {}, data, config });

/** Answers the sendings one after another, the last answer again and again. */
const script =
  (...given: readonly Answer[]): AxiosAdapter =>
  (config) => {
    sent.push(config.headers['Authorization']);
    return Promise.resolve((given[sent.length - 1] ?? (given.at(-1) as Answer))(config));
  };
const breaking: Answer = () => Promise.reject(new Error('the connection broke'));
const statusOf = async (call: Promise<AxiosResponse>): Promise<number> => (await call).status;
const outcomes = (): unknown[] =>
  one.events.filter(({ type }) => ['recovered', 'not-recovered'].includes(type)).map((event) => ('reason' in event ? event.reason : event.type)); // prettier-ignore

/** A call of the kind that the URL stands for. */
const callTo = (url: string, ...given: Answer[]): Promise<AxiosResponse> => {
  sent = [];
  return adapter.send(configOf({ url }), script(...given));
};

describe('A call', () => {
  it('waits for the first token, has the next at once, and shows none', async () => {
    const config = configOf();
    expect(await statusOf(adapter.send(config, script(answers(200))))).toBe(200);
    const later = adapter.send(configOf(), script(answers(200)));
    expect(sent).toEqual(['Bearer token-1', 'Bearer token-1']);
    await later;
    expect(config.headers.toJSON()).toEqual({});
  });

  it.each([
    ['goes elsewhere', { url: 'http://elsewhere.example/' }],
    ['has a user and a password', { auth: { username: 'a', password: 'b' } }],
    ['has an authorization of its own', { headers: new axios.AxiosHeaders({ authorization: 'own' }) }],
  ])('gets no token where it %s', async (_, own) => {
    const config = configOf(own);
    expect(await statusOf(adapter.send(config, script(answers(401))))).toBe(401);
    expect(sent).toEqual([config.headers['Authorization']]);
    expect(fleet.requests).toBe(0);
  });

  it('gets none where it was led elsewhere while it waited', async () => {
    const config = configOf();
    fleet.endpoint.next.push({ afterMs: S });
    const call = adapter.send(config, script(answers(200)));
    await fleet.turn(0);
    config.url = 'http://elsewhere.example/';
    await fleet.turn(S);
    expect(await statusOf(call)).toBe(200);
    expect(sent).toEqual([undefined]);
  });

  it('fails with an error of its own where there is no token', async () => {
    fleet.endpoint.always = fails(401, { error: 'invalid_client' });
    const errors = await Promise.all(
      [configOf(), configOf()].map((config) =>
        adapter.send(config, script(answers(200))).catch((error: unknown) => error),
      ),
    );
    expect(errors).toMatchObject([1, 2].map(() => ({ code: 'QUIQUP_CREDENTIALS_REFUSED', isAxiosError: true })));
    expect(errors[0]).not.toBe(errors[1]);
    expect(sent).toEqual([]);
  });

  it('waits no longer than its caller', async () => {
    const controller = new AbortController();
    fleet.endpoint.next.push({ afterMs: S });
    const call = adapter.send(configOf({ signal: controller.signal }), script(answers(200)));
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    expect(sent).toEqual([]);
  });

  it('whose body can be sent once waits for a renewal under way, a second at most', async () => {
    await one.tokens.getAccessToken();
    fleet.endpoint.next.push({ afterMs: 0.9 * S }, { afterMs: 3 * S });
    const sending = async (): Promise<number> => {
      const refresh = one.tokens.refresh();
      await fleet.turn(0);
      const call = adapter.send(configOf({ data: Readable.from(['a']) }), script(answers(200)));
      const quick = adapter.send(configOf({ data: 'a' }), script(answers(200)));
      expect(await statusOf(quick)).toBe(200);
      await fleet.turn(S);
      expect(await statusOf(call)).toBe(200);
      await fleet.turn(3 * S);
      await refresh;
      return 0;
    };
    await sending();
    await sending();
    expect(sent).toEqual(['token-1', 'token-2', 'token-2', 'token-2'].map((token) => `Bearer ${token}`));
  });
});

describe('A call that is answered with 401', () => {
  beforeEach(() => one.tokens.getAccessToken());

  it('is sent again with another token, and has one response', async () => {
    const refused = new PassThrough();
    refused.end('refused');
    const responses: AxiosResponse[] = [];
    const refusing: Answer = async (config) => {
      responses.push(await answers(401, refused)(config));
      return responses[0] as AxiosResponse;
    };
    const call = adapter.send(configOf({ data: '{"a":1}' }), script(refusing, answers(201)));
    expect(await statusOf(call)).toBe(201);
    expect(sent).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(outcomes()).toEqual(['recovered']);
    // Nobody will read it: it was detached from its connection and ended.
    expect([refused.readableEnded, (responses[0]?.data as Readable | undefined)?.destroyed]).toEqual([true, true]);
  });

  it('is sent again once: a second 401 is its caller’s', async () => {
    const call = adapter.send(configOf(), script(answers(401, 'first'), answers(401, 'second')));
    expect(await call).toMatchObject({ status: 401, data: 'second' });
    expect(sent).toHaveLength(2);
    expect(outcomes()).toEqual(['refused-again']);
  });

  it('keeps its 401 where there is no other token', async () => {
    fleet.endpoint.always = fails(503);
    const call = adapter.send(configOf(), script(answers(401, 'first')));
    await fleet.turn(10 * S);
    expect(await call).toMatchObject({ status: 401, data: 'first' });
    expect(sent).toHaveLength(1);
    expect(outcomes()).toEqual(['no-other-token']);
  });

  it('as an error of axios is recovered as well, and stays the error it was', async () => {
    const failing: Answer = (config) =>
      Promise.reject(new AxiosError('401', undefined, config, {}, answers(401)(config) as AxiosResponse));
    expect(await statusOf(adapter.send(configOf(), script(failing, answers(200))))).toBe(200);
    sent = [];
    await expect(adapter.send(configOf(), script(answers(401), failing))).rejects.toMatchObject({ message: '401' });
    expect(outcomes()).toEqual(['recovered', 'refused-again']);
  });

  it('is not sent again where its body can be sent once', async () => {
    const data = Readable.from(['a']);
    const call = adapter.send(configOf({ data }), script(answers(401, 'first')));
    expect(await call).toMatchObject({ status: 401, data: 'first' });
    expect(sent).toHaveLength(1);
    expect(outcomes()).toEqual(['one-shot-body']);
    expect(one.tokens.peek()).toBe('token-2');
  });

  it('is not sent again where it was led elsewhere meanwhile', async () => {
    const config = configOf();
    const leading: Answer = (one_) => {
      config.url = 'http://elsewhere.example/';
      return answers(401, 'first')(one_);
    };
    expect(await adapter.send(config, script(leading))).toMatchObject({ status: 401, data: 'first' });
    expect(sent).toHaveLength(1);
  });

  it('fails as it does when it is sent again', async () => {
    await expect(adapter.send(configOf(), script(answers(401), breaking))).rejects.toThrow('the connection broke');
    expect(outcomes()).toEqual(['replay-failed']);
  });

  it('that fails with a status when it is sent again was recovered', async () => {
    expect(await statusOf(adapter.send(configOf(), script(answers(401), answers(500))))).toBe(500);
    expect(outcomes()).toEqual(['recovered']);
  });

  it('is no loss where its caller leaves it', async () => {
    const controller = new AbortController();
    const never = deferred<AxiosResponse>();
    const leaving: Answer = () => {
      controller.abort();
      never.reject(new Error('aborted'));
      return never.promise;
    };
    const call = adapter.send(configOf({ signal: controller.signal }), script(answers(401), leaving));
    await expect(call).rejects.toThrow('aborted');
    expect(outcomes()).toEqual([]);
  });

  it('is denied once two tokens were refused for its kind, and another kind is not', async () => {
    for (let refused = 0; refused < 5; refused += 1) {
      await callTo(URL_OF_CALL, answers(401));
    }
    const requests = fleet.requests;
    await callTo(URL_OF_CALL, answers(401));
    expect(fleet.requests).toBe(requests);
    await callTo('http://localhost/stock', answers(200));
    expect(await statusOf(callTo('http://localhost/stock', answers(401), answers(200)))).toBe(200);
    expect(fleet.requests).toBe(requests + 1);
  });
});

/** How many token requests a 401 to it costs, which is answered 200 with another token. */
const costOf = async (url: string, ...given: Answer[]): Promise<number> => {
  const before = fleet.requests;
  await callTo(url, answers(401), ...(given.length > 0 ? given : [answers(200)]));
  return fleet.requests - before;
};

describe('A call of a kind that was accepted', () => {
  /** Calls that are always refused use up the budget. */
  beforeEach(async () => {
    await one.tokens.getAccessToken();
    for (let refused = 0; refused < 4; refused += 1) {
      await callTo('http://localhost/always-refused', answers(401));
    }
    expect(fleet.requests).toBe(4);
  });

  it('has another token at once, though the budget is exhausted, and no other kind has', async () => {
    await callTo('http://localhost/a', answers(200));
    await callTo('http://localhost/b', answers(200));
    expect([await costOf('http://localhost/c'), await costOf('http://localhost/b')]).toEqual([0, 1]);
  });

  it('is told from one by another method', async () => {
    await callTo('http://localhost/a', answers(200));
    sent = [];
    await adapter.send(configOf({ url: 'http://localhost/a', method: 'get' }), script(answers(200)));
    sent = [];
    const before = fleet.requests;
    await adapter.send(configOf({ url: 'http://localhost/a', method: 'get' }), script(answers(401), answers(200)));
    expect(fleet.requests).toBe(before + 1);
  });

  it('may have been accepted when it was sent again', async () => {
    await callTo('http://localhost/a', answers(200));
    expect(await costOf('http://localhost/a')).toBe(1);
    await fleet.turn(31 * S);
    expect(await costOf('http://localhost/new')).toBe(1);
    for (let refused = 0; refused < 4; refused += 1) {
      await callTo('http://localhost/always-refused', answers(401));
    }
    expect(await costOf('http://localhost/new')).toBe(1);
  });

  it('is none any more once it is refused with two tokens', async () => {
    await callTo('http://localhost/a', answers(200));
    expect(await costOf('http://localhost/a', answers(401))).toBe(1);
    await callTo('http://localhost/b', answers(200));
    expect([await costOf('http://localhost/a'), await costOf('http://localhost/b')]).toEqual([0, 1]);
  });
});

const upload = () =>
  adapter.send(configOf({ url: 'http://localhost/up', data: Readable.from(['a']) }), script(answers(401)));

describe('A call that cannot be sent again', () => {
  it('has its token request refunded by the next call that is accepted with the token', async () => {
    await one.tokens.getAccessToken();
    for (let round = 0; round < 10; round += 1) {
      sent = [];
      await upload();
      await callTo('http://localhost/a', answers(200));
    }
    expect(fleet.requests).toBe(11);
  });
});

describe('A wrapped config', () => {
  it('is as it was once it is sent, so that a retry is wrapped anew', async () => {
    const own = script(answers(200));
    const config = adapter.wrap(configOf({ adapter: own }), axios.create());
    expect(config.adapter).not.toBe(own);
    await (config.adapter as AxiosAdapter)(config);
    expect(config.adapter).toBe(own);
    expect(sent).toEqual(['Bearer token-1']);
  });

  it('tells when the application has shut down', async () => {
    expect(adapter.isClosed).toBe(false);
    await one.close();
    expect(adapter.isClosed).toBe(true);
  });
});
