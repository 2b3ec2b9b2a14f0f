import { describe, expect, it } from '@jest/globals';
import * as http from 'node:http';
import * as https from 'node:https';
import { OwnAgent } from '../lib/token/own-agent.js';

type Way = (...args: unknown[]) => unknown;

const ownOf = <T>(agent: T): T & Record<string, unknown> => new OwnAgent().standingFor(agent) as never;
const optionsOf = (agent: http.Agent): object => Reflect.get(agent, 'options') as object;
const isDestroyed = (agent: unknown): { times: number } => {
  const seen = { times: 0 };
  Object.assign(agent as object, { destroy: () => (seen.times += 1) });
  return seen;
};

/** An agent with a pool of its own, as the agents of `agentkeepalive` have one. */
class Pooling extends http.Agent {
  readonly limits: { readonly perHost: number };
  readonly #pool: string[] = [];
  constructor(options: http.AgentOptions & { perHost?: number } = {}) {
    super(options);
    this.limits = { perHost: options.perHost ?? 1 };
  }
  addRequest(): string {
    this.#pool.push('a request');
    return this.#pool.join();
  }
}

/** One that is made from something else than options. */
class FromUrl extends http.Agent {
  readonly proxy: URL;
  readonly connectOpts: unknown;
  constructor(url: string | URL, connectOpts?: unknown) {
    super({ keepAlive: true, ...(connectOpts as object) });
    this.proxy = new URL(url);
    this.connectOpts = connectOpts;
  }
  addRequest(): string {
    return this.proxy.href;
  }
}

/** Like `proxy-agent`: made from options that it keeps, in addition to Node's. */
class FromConnectOptions extends http.Agent {
  readonly cache = new Map<string, http.Agent>([[String(Math.random()), new http.Agent()]]);
  readonly httpAgent = new http.Agent();
  readonly getProxy: () => string;
  constructor(readonly connectOpts: { readonly proxy?: string } = {}) {
    super({ keepAlive: true });
    if (connectOpts.proxy === undefined) {
      throw new Error('No proxy was given.');
    }
    const { proxy } = connectOpts;
    this.getProxy = () => proxy;
  }
  addRequest(): string {
    return this.getProxy();
  }
}

/** One that connects in a way of its own, with private fields, and leaves the pool to Node. */
class Connecting extends http.Agent {
  readonly name = 'connecting';
  #connections = 0;
  override createConnection(): never {
    this.#connections += 1;
    return this.#connections as never;
  }
}

describe('The agent of the token requests', () => {
  it.each([
    ['http', new http.Agent({ keepAlive: true, maxSockets: 3, timeout: 7 })],
    ['https', new https.Agent({ rejectUnauthorized: true, ca: 'a certificate' })],
  ])('is another of the same kind and options, with a pool of its own: %s', (_, agent) => {
    const own = ownOf(agent);
    expect(own).not.toBe(agent);
    expect(own.constructor).toBe(agent.constructor);
    expect(optionsOf(own)).toMatchObject(optionsOf(agent));
    expect([own.maxSockets, own['keepAlive']]).toEqual([agent.maxSockets, Reflect.get(agent, 'keepAlive')]);
    expect(own.sockets).not.toBe(agent.sockets);
    expect(own.freeSockets).not.toBe(agent.freeSockets);
    expect(own.requests).not.toBe(agent.requests);
    if ('_sessionCache' in agent) {
      expect(own['_sessionCache']).not.toBe(agent['_sessionCache']);
    }
  });

  it('does not count the connections of the other', () => {
    const agent = Object.assign(new http.Agent(), { totalSocketCount: 5 });
    agent.on('free', () => undefined);
    agent.setMaxListeners(3);
    const own = ownOf(agent);
    expect([own.totalSocketCount, own.getMaxListeners(), own.listenerCount('free')]).toEqual([0, 10, 1]);
  });

  it('keeps what the agent was given later, such as a limit', () => {
    const agent = Object.assign(new http.Agent(), { maxFreeSockets: 2, tag: 'mine' });
    expect(ownOf(agent)).toMatchObject({ maxFreeSockets: 2, tag: 'mine' });
  });

  it('connects as the agent does, which is asked itself', () => {
    const agent = new Connecting();
    const own = ownOf(agent);
    expect(own.name).toBe('connecting');
    expect([(own.createConnection as Way)(), (agent.createConnection as Way)()]).toEqual([1, 2]);
    expect(Object.hasOwn(own, 'getName')).toBe(false);
  });

  it.each(['createConnection', 'getName', 'keepSocketAlive', 'reuseSocket'])(
    'has %s as the agent was given it, bound to the agent',
    (method) => {
      const agent = Object.assign(new http.Agent(), {
        [method](this: unknown) {
          return this;
        },
      });
      expect((ownOf(agent)[method] as Way)()).toBe(agent);
    },
  );

  it('lets no other method of the agent run on it', () => {
    const agent = Object.assign(new http.Agent(), { report: () => 'of the agent' });
    expect(ownOf(agent)['report']).toBeUndefined();
  });

  it('is made by its class where it has a pool of its own', () => {
    const agent = Object.assign(new Pooling({ perHost: 4, keepAlive: true }), { onFree: () => 'mine' });
    const own = ownOf(agent);
    expect(own).toBeInstanceOf(Pooling);
    expect(own.limits).toEqual({ perHost: 4 });
    expect(own['onFree']).toBe(agent.onFree);
    expect([own.addRequest(), own.addRequest(), agent.addRequest()]).toEqual([
      'a request',
      'a request,a request',
      'a request',
    ]);
  });

  it('is made by its class from the options that it keeps', () => {
    const agent = new FromConnectOptions({ proxy: 'http://proxy' });
    const own = ownOf(agent);
    expect(own).toBeInstanceOf(FromConnectOptions);
    expect(own.addRequest()).toBe('http://proxy');
    expect([own.cache === agent.cache, own.httpAgent === agent.httpAgent]).toEqual([false, false]);
  });

  it.each([
    ['its class takes something else', new FromUrl('http://proxy/')],
    ['what its class makes of the same options is another', new FromUrl('http://proxy/', { proxied: true })],
    ['it has changed since', Object.assign(new Pooling({ perHost: 2 }), { limits: { perHost: 9 } })],
  ])('has the parts of the agent where %s', (_, agent) => {
    const own = ownOf<http.Agent>(agent);
    expect(own.constructor).toBe(agent.constructor);
    expect(own).not.toBe(agent);
    expect(own.sockets).not.toBe(agent.sockets);
    for (const part of ['proxy', 'limits', 'connectOpts']) {
      expect(own[part]).toBe(Reflect.get(agent, part));
    }
    expect(optionsOf(own)).toMatchObject(optionsOf(agent));
  });

  it('has a state of its own where the agent keeps some under a symbol', () => {
    const state = Symbol('state');
    const agent = Object.assign(new FromUrl('http://proxy/'), { [state]: { sockets: 1 } });
    const own = ownOf(agent);
    expect(own[state]).toEqual({ sockets: 1 });
    expect(own[state]).not.toBe(agent[state]);
  });

  it('is the same one where nobody but itself knows its connections', () => {
    const foreign = { addRequest: () => undefined };
    expect([ownOf(foreign), ownOf(undefined)]).toEqual([foreign, undefined]);
  });
});

describe('An agent that stands for another', () => {
  it('is made once', () => {
    const agent = new http.Agent();
    const own = new OwnAgent();
    expect(own.standingFor(agent)).toBe(own.standingFor(agent));
  });

  it('ends its connections, and those of nobody else, when it stands for another or is closed', () => {
    const own = new OwnAgent();
    const agents = [new http.Agent(), new http.Agent()];
    const others = agents.map(isDestroyed);
    const [first, second] = agents.map((agent) => isDestroyed(own.standingFor(agent)));
    expect([first?.times, second?.times]).toEqual([1, 0]);
    own.close();
    own.close();
    expect([first?.times, second?.times, ...others.map(({ times }) => times)]).toEqual([1, 1, 0, 0]);
  });

  it('is made anew after it was closed', () => {
    const own = new OwnAgent();
    const agent = new http.Agent();
    const first = own.standingFor(agent);
    own.close();
    expect(own.standingFor(agent)).not.toBe(first);
  });

  it('leaves what it could not make another of as it is', () => {
    const own = new OwnAgent();
    const foreign = { destroy: () => { throw new Error('not mine'); } }; // prettier-ignore
    own.standingFor(foreign);
    expect(() => own.close()).not.toThrow();
  });
});
