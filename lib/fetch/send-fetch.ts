import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isOneShotBody } from '../http/index.js';
import type { Fetch, FetchBody, FetchCall, FetchInit } from './fetch-call.js';

/** As the Fetch standard has it. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const OF_A_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];
/** What is for the first origin alone. */
const OF_AN_ORIGIN = ['authorization', 'proxy-authorization', 'cookie', 'host'];

interface Step {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: FetchBody | null;
}

type OwnInit = { -readonly [K in keyof FetchInit]: FetchInit[K] };

function failed(reason: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(reason) });
}

function without(headers: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase())));
}

/** Where a redirect leads, with which method and body (Fetch standard, HTTP-redirect fetch). */
function nextStep({ url, method, headers, body }: Step, { status }: Response, location: string): Step {
  const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    throw failed('the redirect does not lead to an HTTP address');
  }
  if (target.hash === '') {
    target.hash = new URL(url).hash;
  }
  if (status !== 303 && body !== null && isOneShotBody(body)) {
    throw failed('the redirect asks for the body again, which can be read once alone');
  }
  const name = method.toUpperCase();
  const becomesGet =
    (name === 'POST' && (status === 301 || status === 302)) || (status === 303 && name !== 'GET' && name !== 'HEAD');
  return becomesGet
    ? { url: target.href, method: 'GET', headers: without(headers, OF_A_BODY), body: null }
    : { url: target.href, method, headers, body };
}

/** The headers for the next address: the token by the rule of the call, all else by the standard. */
function headersAt(
  next: Step,
  from: string,
  response: Response,
  { beforeRedirect }: InternalAxiosRequestConfig,
): Step['headers'] {
  const isElsewhere = new URL(next.url).origin !== new URL(from).origin;
  if (beforeRedirect === undefined) {
    return isElsewhere ? without(next.headers, OF_AN_ORIGIN) : next.headers;
  }
  const options = { headers: { ...next.headers }, href: next.url };
  beforeRedirect(options, { headers: {}, statusCode: response.status }, undefined as never);
  return isElsewhere
    ? without(
        options.headers,
        OF_AN_ORIGIN.filter((name) => name !== 'authorization'),
      )
    : options.headers;
}

/** `Response` says neither by itself when redirects are followed here. */
function withRedirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true, configurable: true });
}

/** Without what is as it was, or as it is anyway: `fetch` checks and copies each property, which is most of its cost. */
function initOf({ method, headers, body }: Step, { init, signal }: FetchCall, follows: boolean): OwnInit {
  const own: OwnInit = { ...init, headers };
  if (method !== (init?.method ?? 'GET')) {
    own.method = method;
  }
  if (body !== (init?.body ?? null)) {
    own.body = body;
  }
  if (follows) {
    own.redirect = 'manual';
  }
  if (signal !== undefined) {
    own.signal = signal;
  }
  if (body !== null && isOneShotBody(body)) {
    own.duplex = 'half';
  }
  return own;
}

/**
 * Sends a call by `fetch`, and follows redirects as the Fetch standard has it. `fetch` itself would take the token along
 * wherever the origin is the same, and nowhere else.
 */
export async function sendByFetch(
  call: FetchCall,
  config: InternalAxiosRequestConfig,
  send: Fetch,
): Promise<AxiosResponse<Response>> {
  const follows = (call.init?.redirect ?? 'follow') === 'follow';
  let step: Step = { url: call.url, method: call.method, headers: config.headers, body: call.body };
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(step.url, initOf(step, call, follows));
    const location = follows && REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null) {
      return answerOf(redirects > 0 ? withRedirected(response) : response, config);
    }
    void response.body?.cancel().catch(() => undefined);
    if (redirects === MOST_REDIRECTS) {
      throw failed(`there were more than ${MOST_REDIRECTS} redirects`);
    }
    const next = nextStep(step, response, location);
    step = { ...next, headers: headersAt(next, step.url, response, config) };
  }
}

/** As the rules for tokens have answers. */
export function answerOf(response: Response, config: InternalAxiosRequestConfig): AxiosResponse<Response> {
  return { data: response, status: response.status, statusText: response.statusText, headers: {}, config };
}
