import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import lowestAxios from 'axios-lowest';
import fc from 'fast-check';
import { arbitraryUrls } from './support/arbitrary-urls.js';
import { QuiqupApp } from './support/quiqup-app.js';

const GATEWAY = 'https://gateway.quiqup.example';
const LOOPBACK = 'http://127.0.0.1:48123';
const TRUSTED = [GATEWAY, LOOPBACK];
const RUNS = 2_000;

/** A request as it is about to leave the process. */
interface Departure {
  readonly origin: string;
  readonly authorization: unknown;
  /** Whether the URL itself has a user name or a password. */
  readonly hasOwn: boolean;
}
const { stackTraceLimit } = Error;

let quiqup: QuiqupApp;
let clients: AxiosInstance[];
let header: string;

beforeAll(async () => {
  // Every case ends with an error, whose stack would be mapped back to the source each time.
  Error.stackTraceLimit = 0;
  quiqup = await QuiqupApp.start({ module: { trustedOrigins: TRUSTED } });
  header = `Bearer ${await quiqup.tokens.getAccessToken()}`;
  const attached = axios.create({ baseURL: `${GATEWAY}/prefix` });
  const bare = axios.create();
  quiqup.interceptor.attach(attached);
  quiqup.interceptor.attach(bare);
  clients = [quiqup.quiqup.axiosRef, attached, bare];
});
afterAll(async () => {
  Error.stackTraceLimit = stackTraceLimit;
  await quiqup.stop();
});

function isTrusted({ origin }: Departure): boolean {
  return [...TRUSTED, new URL(quiqup.simulator.url).origin].includes(origin);
}

interface NativeOptions {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly headers: Record<string, unknown>;
  readonly auth?: unknown;
}

/** Replaces `node:http` and follow-redirects, to see the URL by axios' adapter. */
function throughHttp(http: AxiosAdapter, departures: Departure[]): AxiosRequestConfig {
  const request = ({ protocol, hostname, port, headers, auth }: NativeOptions): never => {
    const host = hostname.includes(':') ? `[${hostname}]` : hostname;
    departures.push({
      origin: new URL(`${protocol}//${host}${port === '' ? '' : `:${port}`}`).origin,
      authorization: Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1],
      hasOwn: auth !== undefined,
    });
    throw new Error('It goes no further.');
  };
  return { adapter: http, transport: { request }, proxy: false };
}

function throughFetch(departures: Departure[]): AxiosRequestConfig {
  const fetch = ({ url, headers }: Request): Promise<never> => {
    const { protocol, origin } = new URL(url);
    const authorization = headers.get('Authorization') ?? undefined;
    departures.push({
      // That of a blob: URL is the origin of the URL within.
      origin: /^https?:/.test(protocol) ? origin : protocol,
      authorization,
      hasOwn: authorization?.startsWith('Basic ') === true,
    });
    return Promise.reject(new Error('It goes no further.'));
  };
  return { adapter: 'fetch', env: { fetch: fetch as typeof globalThis.fetch } };
}

const calls = fc.record(
  {
    url: arbitraryUrls(TRUSTED),
    baseURL: fc.oneof(arbitraryUrls(TRUSTED), fc.constantFrom(...TRUSTED, `${GATEWAY}/a/path/`, '')),
    allowAbsoluteUrls: fc.constantFrom<unknown>(true, false, undefined, 0, '', null) as fc.Arbitrary<boolean>,
    params: fc.constantFrom({ at: '@evil.example' }, {}, undefined),
    paramsSerializer: fc.constantFrom({ serialize: () => '@evil.example/' }, undefined),
  },
  { requiredKeys: [] },
);

type Through = (departures: Departure[]) => AxiosRequestConfig;

type Check = (departure: Departure, allowAbsoluteUrls: unknown) => void;

async function tryCalls(through: Through, check: Check): Promise<void> {
  const counts = { trusted: 0, foreign: 0, unsent: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(clients.length - 1), calls, async (client, call) => {
      const departures: Departure[] = [];
      await (clients[client] as AxiosInstance)
        .request({ ...call, ...through(departures) } as AxiosRequestConfig)
        .catch(() => undefined);
      departures.forEach((departure) => check(departure, call.allowAbsoluteUrls));
      const [departure] = departures;
      counts[departure === undefined ? 'unsent' : isTrusted(departure) ? 'trusted' : 'foreign'] += 1;
    }),
    { numRuns: RUNS },
  );
  // Without cases of every kind it would have proved nothing.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(RUNS / 20);
}

function checkToken(departure: Departure): void {
  if (departure.authorization === header && !isTrusted(departure)) {
    throw new Error(`The token left for ${departure.origin}`);
  }
}

describe('Whatever URL a caller makes, the token leaves for a trusted origin alone', () => {
  it("through axios' http adapter, and for each of them", async () => {
    await tryCalls(
      (departures) => throughHttp(axios.getAdapter('http'), departures),
      (departure, allowAbsoluteUrls) => {
        checkToken(departure);
        // A value that is of no boolean is judged with caution.
        const isClear = typeof (allowAbsoluteUrls ?? true) === 'boolean';
        if (isClear && isTrusted(departure) && !departure.hasOwn && departure.authorization !== header) {
          throw new Error(`No token left for ${departure.origin}`);
        }
      },
    );
  });

  it('through the http adapter of the oldest axios that may be there', async () => {
    const oldest = lowestAxios.getAdapter('http') as unknown as AxiosAdapter;
    await tryCalls((departures) => throughHttp(oldest, departures), checkToken);
  });

  it("through axios' fetch adapter", async () => {
    await tryCalls(throughFetch, checkToken);
  });
});
