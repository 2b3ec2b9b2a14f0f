import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConsoleLogger } from '@nestjs/common';
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import * as http from 'node:http';
import * as https from 'node:https';
import { inspect } from 'node:util';
import { Agent as Dispatcher } from 'undici';
import { eventually } from './support/eventually.js';
import { QuiqupApp } from './support/quiqup-app.js';
import { startScriptedApi } from './support/scripted-api.js';
import type { ScriptedServer } from './support/scripted-server.js';

let api: ScriptedServer;
let quiqup: QuiqupApp;
let token: string;
const ending: (() => unknown)[] = [];

beforeEach(async () => {
  api = await startScriptedApi();
});
afterEach(async () => {
  for (const end of ending.splice(0)) {
    await end();
  }
  await quiqup.stop();
  await api.stop();
});

class LoggerToText extends ConsoleLogger {
  text = '';
  protected override printMessages(messages: unknown[]): void {
    this.text += messages.map((message) => this.stringifyMessage(message, 'log')).join('');
  }
}

/** With each object once, as serialisers do that bear circles. */
function json(value: unknown): string {
  const seen = new Set<unknown>();
  return JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one !== 'object' || one === null) {
      return one;
    }
    return seen.has(one) ? undefined : (seen.add(one), one);
  });
}

/** As loggers and error trackers show an error. */
function shownBy(error: unknown): string {
  const logger = new LoggerToText({ json: false, depth: 10 } as never);
  logger.error(error);
  const { config } = error as AxiosError;
  return [
    logger.text,
    inspect(error, { depth: 12 }),
    json(error),
    json((error as AxiosError).toJSON()),
    json({ ...config, ...(config?.httpAgent as object), ...(config?.httpsAgent as object) }),
  ].join('\n');
}

async function start(options: AxiosRequestConfig): Promise<void> {
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: [api.url], http: options as never } });
  token = await quiqup.tokens.getAccessToken();
}

const timedOut = (config: AxiosRequestConfig): Promise<unknown> =>
  quiqup.quiqup.axiosRef
    .get(`${api.url}hang`, { timeout: 50, signal: AbortSignal.timeout(100), ...config })
    .catch((error: unknown) => error);

describe.each<[string, () => AxiosRequestConfig]>([
  ['an agent', () => ({ httpAgent: new http.Agent({ keepAlive: true }), httpsAgent: new https.Agent() })],
  ['an agent with one connection', () => ({ httpAgent: new http.Agent({ keepAlive: true, maxSockets: 1 }) })],
  ['a dispatcher', () => ({ adapter: 'fetch', fetchOptions: { dispatcher: new Dispatcher() } as never })],
])('With %s in the options', (_what, options) => {
  it('an error leads to no token, of its call or of another under way', async () => {
    await start(options());
    const abort = new AbortController();
    const others = [1, 2].map(() =>
      quiqup.quiqup.axiosRef.get(`${api.url}hang`, { signal: abort.signal }).catch((error: unknown) => error),
    );
    await eventually(() => api.received.length > 0, 'another call is under way');
    const error = await timedOut({});
    expect(axios.isAxiosError(error)).toBe(true);
    expect(shownBy(error)).not.toContain(token);
    abort.abort();
    expect((await Promise.all(others)).map(shownBy).join()).not.toContain(token);
  });

  it('a call can be sent again with the config of the error, and with the same agent', async () => {
    const given = options();
    await start(given);
    const { config } = (await timedOut({})) as AxiosError;
    expect(config?.httpAgent).toBe(given.httpAgent);
    const again = await quiqup.quiqup.axiosRef.request({
      ...config,
      url: `${api.url}status/200`,
      timeout: 0,
      signal: undefined as never,
    });
    expect(again.status).toBe(200);
  });
});

it('An agent that is sealed serves as ever', async () => {
  const httpAgent = Object.seal(new http.Agent());
  await start({ httpAgent });
  expect(axios.isAxiosError(await timedOut({}))).toBe(true);
});
