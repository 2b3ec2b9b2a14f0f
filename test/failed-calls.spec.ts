import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  Catch,
  ConsoleLogger,
  Controller,
  Get,
  Inject,
  Param,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import axios, {
  AxiosError,
  AxiosHeaders,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
} from 'axios';
import axiosRetry from 'axios-retry';
import { QuiqupAuthModule, QuiqupHttpService, QuiqupTokenService } from 'nestjs-quiqup-auth';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { waysTo } from './support/find-secret.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { startScriptedApi, tokensSeenBy } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';

let quiqup: QuiqupApp;
let api: ScriptedServer;
beforeEach(async () => {
  api = await startScriptedApi();
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [api.url] } });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await quiqup.stop();
  await api.stop();
});

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Passes the call on with the header that it was given, as a gateway's client does. */
function inner(config: AxiosRequestConfig): Promise<unknown> {
  return failureOf(
    axios.get(String(config.url), { headers: { Authorization: String(config.headers?.['Authorization']) } }),
  );
}

async function answerOfInner(config: AxiosRequestConfig): Promise<AxiosResponse> {
  return ((await inner(config)) as AxiosError).response as AxiosResponse;
}

describe('An adapter built on another axios', () => {
  it.each<[string, (cause: unknown) => unknown]>([
    ['its cause', (cause) => new Error('The gateway failed', { cause })],
    ['a cause of its cause', (cause) => new Error('It failed', { cause: new Error('The gateway failed', { cause }) })],
    ['one of several errors', (cause) => new AggregateError([new Error('first'), cause], 'All gateways failed')],
    [
      'a cause that goes in a circle',
      (cause) => {
        const error = new Error('It failed', { cause });
        (cause as Error).cause = error;
        return error;
      },
    ],
  ])('shows no token in %s', async (_where, wrap) => {
    const adapter: AxiosAdapter = async (config) => {
      throw wrap(await inner(config));
    };
    const failure = await failureOf(quiqup.quiqup.axiosRef.get(`${api.url}status/503`, { adapter }));
    const [token = 'none'] = tokensSeenBy(api);
    expect(token).toBe(quiqup.tokens.peek());
    expect(failure).toBeInstanceOf(Error);
    expect(waysTo(token, failure)).toEqual([]);
  });

  it('shows no token in its answer', async () => {
    const response = await quiqup.quiqup.axiosRef.get(`${api.url}status/503`, { adapter: answerOfInner });
    expect(waysTo(tokensSeenBy(api)[0] as string, response)).toEqual([]);
  });
});

describe('An adapter of the application', () => {
  it.each<[string, (config: AxiosRequestConfig) => object]>([
    ['no config', () => ({ config: undefined })],
    ['a config without headers', () => ({ config: {} })],
    ['plain headers', ({ headers }) => ({ config: { headers: { ...(headers as AxiosHeaders).toJSON() } } })],
    ['headers in lower case', () => ({ config: { headers: { authorization: `Bearer ${quiqup.tokens.peek()}` } } })],
    [
      'a request that cannot be replaced',
      () => Object.defineProperty({}, 'request', { enumerable: true, get: () => ({ path: '/orders' }) }),
    ],
  ])('may answer with %s', async (_what, parts) => {
    const adapter: AxiosAdapter = (config) =>
      Promise.resolve(
        Object.defineProperties(
          { status: 200, statusText: 'OK', headers: {}, data: [], config },
          Object.getOwnPropertyDescriptors(parts(config)),
        ),
      );
    const response = await quiqup.quiqup.axiosRef.get('/orders', { adapter });
    expect(response).toMatchObject({ status: 200, data: [] });
    expect(waysTo(quiqup.tokens.peek() as string, { ...response, config: response.config?.headers })).toEqual([]);
  });
});

/** As people write them who want to see everything. */
@Catch()
class TalkativeFilter implements ExceptionFilter<AxiosError> {
  catch(exception: AxiosError, host: ArgumentsHost): void {
    const { message, stack, status, response, config, cause } = exception;
    const body = { ...exception.toJSON(), message, stack, status, headers: response?.headers, config, cause };
    host.switchToHttp().getResponse<ServerResponse>().writeHead(502).end(JSON.stringify(body));
  }
}

@Controller()
class OrdersController {
  constructor(@Inject(QuiqupHttpService) private readonly http: QuiqupHttpService) {}

  @Get('quiet/*path')
  async pass(@Param('path') path: string[]): Promise<unknown> {
    return (await firstValueFrom(this.http.get(`${api.url}${path.join('/')}`))).data as unknown;
  }

  @Get('talkative/*path')
  @UseFilters(TalkativeFilter)
  passToo(@Param('path') path: string[]): Promise<unknown> {
    return this.pass(path);
  }
}

describe("A call's failure that a handler of Nest throws on", () => {
  it.each([
    ['plain', {}],
    ['JSON', { json: true }],
    ['structured', { json: true, compact: false, depth: null }],
  ] as const)('shows no token in the log (%s) or in the answer', async (_name, options) => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
    }
    const { clientId, clientSecret } = quiqup.simulator.clients[0];
    const testing = await Test.createTestingModule({
      imports: [
        QuiqupAuthModule.forRoot({
          baseUrl: quiqup.simulator.url,
          trustedOrigins: [api.url],
          clientId,
          clientSecret,
          http: { maxRedirects: 0 },
        }),
      ],
      controllers: [OrdersController],
    }).compile();
    const logger = new ConsoleLogger('Test', options);
    const app = testing.createNestApplication({ logger });
    try {
      await app.listen(0, '127.0.0.1');
      const { port } = app.getHttpServer().address() as AddressInfo;
      const answers: string[] = [];
      for (const path of ['status/401', 'status/422', 'status/503', 'reset', 'broken', 'loop']) {
        for (const filter of ['quiet', 'talkative']) {
          answers.push(await (await fetch(`http://127.0.0.1:${port}/${filter}/${path}`)).text());
        }
      }
      const failure = await failureOf(app.get(QuiqupHttpService).axiosRef.get(`${api.url}status/503`));
      for (const level of ['error', 'warn', 'log', 'debug'] as const) {
        logger[level](failure, 'context');
        logger[level]('It failed', failure);
        logger[level]({ failure });
      }
      const tokens = [...new Set(tokensSeenBy(api)), app.get(QuiqupTokenService).peek()];
      expect(answers.filter((answer) => answer.includes('Internal server error'))).toHaveLength(6);
      expect(answers.join('')).toContain('"status":503');
      expect(written.join('')).toContain('Request failed with status code 503');
      const shown = written.join('') + answers.join('');
      for (const secret of [...tokens, clientSecret]) {
        expect(secret).not.toBe('none');
        expect(shown).not.toContain(secret);
      }
    } finally {
      await app.close();
    }
  });
});

describe('axios-retry', () => {
  const RETRIES = { retries: 2, retryDelay: () => 0, retryCondition: () => true };

  const clients: [string, () => AxiosInstance][] = [
    ['on QuiqupHttpService', () => retrying(quiqup.quiqup.axiosRef)],
    [
      'before attach',
      () => {
        const client = retrying(axios.create());
        quiqup.interceptor.attach(client);
        return client;
      },
    ],
    [
      'after attach',
      () => {
        const client = axios.create();
        quiqup.interceptor.attach(client);
        return retrying(client);
      },
    ],
  ];

  function retrying(client: AxiosInstance): AxiosInstance {
    axiosRetry(client, RETRIES);
    return client;
  }

  it.each(clients)(
    '%s repeats a call with the token of the moment, and ends with a usable error',
    async (_at, make) => {
      const client = make();
      const url = `${api.url}status/503`;
      const failure = (await failureOf(
        client.post(
          url,
          { an: 'order' },
          { 'axios-retry': { ...RETRIES, onRetry: async () => void (await quiqup.tokens.refresh()) } },
        ),
      )) as AxiosError;
      const tokens = tokensSeenBy(api);
      expect(new Set(tokens).size).toBe(3);
      expect(new Set(api.received.map(({ body }) => body))).toEqual(new Set([JSON.stringify({ an: 'order' })]));
      for (const token of tokens) {
        expect(waysTo(token, failure)).toEqual([]);
      }
      expect(axios.isAxiosError(failure)).toBe(true);
      expect(failure).toMatchObject({
        status: 503,
        code: 'ERR_BAD_RESPONSE',
        config: { url, method: 'post' },
        response: { status: 503, data: { path: '/status/503' } },
      });
      expect(failure.toJSON()).toMatchObject({ status: 503, config: { url } });
    },
  );

  it.each(clients)('%s repeats a lost connection, and its error is as usable', async (_at, make) => {
    const client = make();
    await quiqup.tokens.getAccessToken();
    const failure = await failureOf(client.get(`${api.url}reset`));
    expect(tokensSeenBy(api)).toHaveLength(3);
    expect(failure).toMatchObject({ isAxiosError: true, code: 'ECONNRESET', config: { method: 'get' } });
    expect(waysTo(quiqup.tokens.peek() as string, failure)).toEqual([]);
  });

  it.each(clients)('%s has nothing to do with a 401 that is recovered', async (_at, make) => {
    const client = make();
    const url = `${quiqup.simulator.url}api/fulfilment/orders`;
    await client.get(url);
    quiqup.simulator.revokeAll();
    expect(await client.get(url)).toMatchObject({ status: 200 });
    expect(quiqup.simulator.counters).toMatchObject({ calls: 3, unauthorized: 1 });
  });
});
