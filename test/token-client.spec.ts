import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosRequestConfig } from 'axios';
import { QuiqupAuthModule, QuiqupTokenService, type QuiqupHttpOptions } from 'nestjs-quiqup-auth';
import { Test } from '@nestjs/testing';
import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { createServer as createHttp2Server } from 'node:http2';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Agent as UndiciAgent, type Dispatcher } from 'undici';
import { NETWORK_OPTIONS } from '../lib/token/network-options.js';
import { OwnAgent } from '../lib/token/own-agent.js';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { ScriptedServer } from './support/scripted-server.js';

const READ = '/api/fulfilment/inventory';
const SHORT = { tokenRequest: 1_000, lock: 1_500, wait: 3_000 };

let quiqup: QuiqupApp | undefined;
afterEach(async () => {
  await quiqup?.stop();
  quiqup = undefined;
});

async function start(given: QuiqupHttpOptions): Promise<QuiqupApp> {
  quiqup = await QuiqupApp.start({ module: { http: given, timeouts: SHORT } });
  return quiqup;
}

/** Connects in a way of its own, with what nothing but its own constructor can put there. */
class ProxyAgent extends http.Agent {
  readonly #connected: string[];

  constructor(connected: string[]) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#connected = connected;
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>): Duplex | null | undefined {
    this.#connected.push('connected');
    return super.createConnection(...args);
  }
}

describe('A token request', () => {
  it.each<[string, (connected: string[]) => http.Agent]>([
    ['an agent of Node', () => new http.Agent({ keepAlive: true, maxSockets: 1 })],
    ['one that allows few connections in all', () => new http.Agent({ keepAlive: true, maxTotalSockets: 1 })],
    ['an agent that connects in a way of its own', (connected) => new ProxyAgent(connected)],
    [
      'an agent that was changed',
      (connected) => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const connect = agent.createConnection.bind(agent);
        agent.createConnection = (...args) => {
          connected.push('connected');
          return connect(...args);
        };
        return agent;
      },
    ],
  ])('does not wait for connections that calls hold (%s)', async (name, make) => {
    const connected: string[] = [];
    const agent = make(connected);
    const { quiqup: service, simulator, tokens } = await start({ httpAgent: agent });
    const held = await service.axiosRef.get(READ, { responseType: 'stream' });
    await tokens.refresh();
    expect(simulator.counters.tokenRequests).toBe(2);
    (held.data as NodeJS.ReadableStream).resume();
    // By the application's own ways, if it has any.
    expect(connected.length).toBe(name.includes('own') || name.includes('changed') ? 2 : 0);
    agent.destroy();
  });

  it('does not wait for those of Node’s global agent either', async () => {
    const { globalAgent } = http;
    const busy = new http.Agent({ keepAlive: true, maxSockets: 1 });
    Object.assign(createRequire(import.meta.url)('node:http') as object, { globalAgent: busy });
    syncBuiltinESMExports();
    try {
      const { quiqup: service, tokens } = await start({});
      const held = await service.axiosRef.get(READ, { responseType: 'stream' });
      await tokens.refresh();
      (held.data as NodeJS.ReadableStream).resume();
    } finally {
      busy.destroy();
      Object.assign(createRequire(import.meta.url)('node:http') as object, { globalAgent });
      syncBuiltinESMExports();
    }
  });

  it('leaves no connection behind when the application has shut down', async () => {
    const sockets = new Set<Socket>();
    const server = http.createServer((_request, response) => {
      response.end('{"access_token":"of-quiqup","token_type":"bearer","expires_in":3600}');
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const options = {
      baseUrl: `http://127.0.0.1:${port}`,
      clientId: 'id',
      clientSecret: 'secret',
      warmUp: 'off' as const,
    };
    const agent = new http.Agent({ keepAlive: true });
    const app = await Test.createTestingModule({
      imports: [QuiqupAuthModule.forRoot({ ...options, http: { httpAgent: agent } })],
    }).compile();
    await app.init();
    await app.get(QuiqupTokenService).getAccessToken();
    expect(sockets.size).toBe(1);
    expect(Object.keys(agent.freeSockets)).toEqual([]);
    await app.close();
    await eventually(() => sockets.size === 0, 'the connection was closed');
    server.close();
  });
});

describe('The own agent', () => {
  const TLS = { keepAlive: true, maxSockets: 3, rejectUnauthorized: false };
  class WithName extends http.Agent {
    constructor(
      readonly proxyUrl: string,
      options: http.AgentOptions,
    ) {
      super(options);
    }

    /** Of Node's, though the types leave it out. */
    createSocket(...args: unknown[]): void {
      (Reflect.get(http.Agent.prototype, 'createSocket') as (...given: unknown[]) => void).apply(this, args);
    }
  }

  it.each<[string, http.Agent]>([
    ['plain', new http.Agent({ maxSockets: 2, scheduling: 'fifo', keepAliveMsecs: 77 })],
    ['of TLS', new https.Agent(TLS)],
    ['of a proxy', new WithName('http://proxy.example', { maxSockets: 2 })],
    [
      'that is a subclass with a pool of its own',
      new (class extends WithName {})('http://proxy.example', { maxSockets: 2 }),
    ],
  ])('has the options of the one that it stands for, and a pool of its own (%s)', (_name, agent) => {
    const own = new OwnAgent();
    const made = own.standingFor(agent) as http.Agent;
    expect(made).not.toBe(agent);
    expect(made).toBeInstanceOf(agent instanceof https.Agent ? https.Agent : http.Agent);
    for (const name of [
      'options',
      'maxSockets',
      'maxTotalSockets',
      'keepAlive',
      'keepAliveMsecs',
      'scheduling',
      'proxyUrl',
    ]) {
      expect(Reflect.get(made, name)).toEqual(Reflect.get(agent, name));
    }
    for (const pool of ['sockets', 'freeSockets', 'requests'] as const) {
      expect(made[pool]).not.toBe(agent[pool]);
    }
    expect(own.standingFor(agent)).toBe(made);
    own.close();
  });

  it('is the same one where nothing is known of its connections', () => {
    const foreign = { addRequest: () => undefined };
    expect(new OwnAgent().standingFor(foreign)).toBe(foreign);
  });
});

describe('Every option of axios that decides how bytes travel', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await ScriptedServer.start((_request, response) => response.end());
  });
  afterEach(() => server.stop());

  it.each<[string, (carried: string[]) => QuiqupHttpOptions]>([
    [
      'a dispatcher',
      (carried) => {
        class Recording extends UndiciAgent {
          override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandlers): boolean {
            carried.push(options.path);
            return super.dispatch(options, handler);
          }
        }
        return { adapter: 'fetch', fetchOptions: { dispatcher: new Recording() } };
      },
    ],
    [
      'a fetch',
      (carried) => ({
        adapter: 'fetch',
        env: {
          fetch: (input, init) => {
            carried.push(new URL(input instanceof Request ? input.url : input).pathname);
            return fetch(input, init);
          },
        },
      }),
    ],
    [
      'a transport',
      (carried) => ({
        transport: {
          request: (options: http.RequestOptions, answer: (response: http.IncomingMessage) => void) => {
            carried.push(String(options.path));
            return http.request(options, answer);
          },
        },
      }),
    ],
    [
      'a transport that follows redirects',
      (carried) => {
        const { http: following } = createRequire(import.meta.url)('follow-redirects') as { http: typeof http };
        return {
          transport: {
            request: (options: http.RequestOptions, answer: (response: http.IncomingMessage) => void) => {
              carried.push(String(options.path));
              return following.request(options, answer);
            },
          },
        };
      },
    ],
  ])('serves the token request too, which follows no redirect (%s)', async (_name, make) => {
    const carried: string[] = [];
    const { quiqup: service, simulator, tokens } = await start(make(carried));
    expect((await service.axiosRef.get(READ)).status).toBe(200);
    expect(carried).toEqual(['/oauth/token', READ]);
    simulator.failNext({ status: 307, on: 'token', headers: { Location: server.url } });
    await expect(tokens.refresh()).rejects.toMatchObject({ code: 'QUIQUP_TOKEN_ENDPOINT_NOT_FOUND' });
    expect(server.received).toEqual([]);
  });

  it('serves the token request too: HTTP/2, on a session of its own', async () => {
    const paths: string[] = [];
    const sessions = new Set<unknown>();
    const speaking = createHttp2Server().on('stream', (stream, headers) => {
      paths.push(String(headers[':path']));
      sessions.add(stream.session);
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      stream.end('{"access_token":"of-quiqup","token_type":"bearer","expires_in":3600}');
    });
    await new Promise<void>((resolve) => speaking.listen(0, '127.0.0.1', resolve));
    const { port } = speaking.address() as AddressInfo;
    const options = { baseUrl: `http://127.0.0.1:${port}`, clientId: 'id', clientSecret: 'secret' };
    quiqup = await QuiqupApp.start({ module: { ...options, http: { httpVersion: 2 } } });
    expect((await quiqup.quiqup.axiosRef.get(READ)).status).toBe(200);
    expect([paths, sessions.size]).toEqual([['/oauth/token', READ], 2]);
    speaking.close();
  });

  /** Of a call, and nothing to the token request. */
  const OF_CALLS = [
    'allowAbsoluteUrls',
    'auth',
    'baseURL',
    'beforeRedirect',
    'cancelToken',
    'data',
    'decompress',
    'formDataHeaderPolicy',
    'formSerializer',
    'headers',
    'maxBodyLength',
    'maxContentLength',
    'maxRedirects',
    'method',
    'onDownloadProgress',
    'onUploadProgress',
    'params',
    'paramsSerializer',
    'parseReviver',
    'redact',
    'responseEncoding',
    'responseType',
    'sensitiveHeaders',
    'signal',
    'timeout',
    'timeoutErrorMessage',
    'transformRequest',
    'transformResponse',
    'transitional',
    'url',
    'validateStatus',
    'withCredentials',
    'withXSRFToken',
    'xsrfCookieName',
    'xsrfHeaderName',
  ] as const satisfies readonly (keyof AxiosRequestConfig)[];

  it.each(['axios', 'axios-lowest'])('is known, of the installed %s', async (name) => {
    const types = await readFile(`node_modules/${name}/index.d.ts`, 'utf8');
    const [, body = ''] = /export interface AxiosRequestConfig<[^{]*\{\n(.*?)\n\}/s.exec(types) ?? [];
    const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option]) => option as string);
    expect(options.length).toBeGreaterThan(30);
    const known = new Set<string>([...NETWORK_OPTIONS, ...OF_CALLS]);
    expect(options.filter((option) => !known.has(option))).toEqual([]);
  });
});

describe('axios.defaults of the application', () => {
  const seen: string[] = [];
  let server: ScriptedServer;
  const before = { ...axios.defaults, headers: { ...axios.defaults.headers } };
  beforeEach(async () => {
    seen.length = 0;
    server = await ScriptedServer.start((_request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end('{"access_token":"of-quiqup","token_type":"bearer","expires_in":3600}');
    });
  });
  afterEach(async () => {
    for (const name of Object.keys(axios.defaults)) {
      Reflect.deleteProperty(axios.defaults, name);
    }
    Object.assign(axios.defaults, before);
    for (const method of ['common', 'post', 'get'] as const) {
      for (const name of ['Authorization', 'Cookie', 'X-Api-Key']) {
        Reflect.deleteProperty(axios.defaults.headers[method], name);
      }
    }
    axios.interceptors.request.clear();
    await server.stop();
  });

  const CHANGES: [string, () => void][] = [
    [
      'headers',
      () => {
        axios.defaults.headers.common['Authorization'] = 'Bearer of-our-backend';
        axios.defaults.headers.common['Cookie'] = 'sid=of-our-backend';
        axios.defaults.headers.post['X-Api-Key'] = 'of-our-backend';
        axios.defaults.headers.get['X-Api-Key'] = 'of-our-backend';
      },
    ],
    ['auth', () => (axios.defaults.auth = { username: 'of-our-backend', password: 'secret' })],
    ['params', () => (axios.defaults.params = { apiKey: 'of-our-backend' })],
    ['transformRequest', () => (axios.defaults.transformRequest = [() => 'of-our-backend'])],
    [
      'transformRequest, in place',
      () => void (axios.defaults.transformRequest as unknown[]).splice(0, 1, () => 'of-our-backend'),
    ],
    ['transformResponse', () => (axios.defaults.transformResponse = [() => 'of-our-backend'])],
    ['maxContentLength', () => (axios.defaults.maxContentLength = 1)],
    ['maxBodyLength', () => (axios.defaults.maxBodyLength = 1)],
    ['timeout', () => (axios.defaults.timeout = 1)],
    ['adapter', () => (axios.defaults.adapter = () => Promise.reject(new Error('of-our-backend')))],
    ['validateStatus', () => (axios.defaults.validateStatus = () => false)],
    ['baseURL', () => (axios.defaults.baseURL = 'http://of-our-backend.example')],
    ['proxy', () => (axios.defaults.proxy = { host: '127.0.0.1', port: 1 })],
    ['interceptors', () => void axios.interceptors.request.use(() => Promise.reject(new Error('of-our-backend')))],
  ];

  const transformers = [axios.defaults.transformRequest, axios.defaults.transformResponse].map((list) => [
    list,
    [...(list as unknown[])],
  ]) as [unknown[], unknown[]][];
  afterEach(() => transformers.forEach(([list, own]) => list.splice(0, list.length, ...own)));

  it.each(CHANGES.flatMap(([name, change]) => [['before', name, change] as const, ['after', name, change] as const]))(
    'go neither to the token endpoint nor with the calls: changed %s the boot, %s',
    async (when, _name, change) => {
      if (when === 'before') {
        change();
      }
      const options = { baseUrl: server.url, clientId: 'id', clientSecret: 'secret', warmUp: 'off' as const };
      quiqup = await QuiqupApp.start({ module: options });
      if (when === 'after') {
        change();
      }
      const { quiqup: service } = quiqup;
      for (const client of [service, service.lastMile]) {
        const answer = await client.axiosRef.post<object>('/orders', { an: 'order' });
        expect(answer.data).toMatchObject({ access_token: 'of-quiqup' });
      }
      await service.axiosRef.create().get(`${server.url}orders`);
      expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
        'POST /oauth/token',
        'POST /orders',
        'POST /orders',
        'GET /orders',
      ]);
      expect(server.received[1]?.body).toBe('{"an":"order"}');
      expect(JSON.stringify(server.received)).not.toContain('of-our-backend');
    },
  );
});
