import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isOneShotBody } from '../http/index.js';
import type { Fetch, FetchBody, FetchCall, FetchInit } from './fetch-call.js';

/** The limit of the Fetch standard. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const OF_A_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];
/** Headers for the first origin only. */
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

/** The target, method and body of a redirect (Fetch standard, HTTP-redirect fetch). */
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

/** The headers for the next URL: the token by the rule of the call, the others by the standard. */
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

/** A `Response` cannot know that it was redirected, because redirects are followed here. */
function withRedirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true, configurable: true });
}

/**
 * Omits unchanged and default properties, because `fetch` checks and copies each one, which is most of its cost. Does not
 * spread the options: V8 gives each copy a hidden class of its own, and `fetch` reads those slowly.
 */
function initOf({ method, headers, body }: Step, { init, signal }: FetchCall, follows: boolean): OwnInit {
  const own: OwnInit = Object.assign({}, init);
  own.headers = headers;
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
 * Sends a call with `fetch`, and follows redirects by the Fetch standard. `fetch` itself would send the token again
 * only to the same origin.
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

/** The response in the form that the token rules use. */
export function answerOf(response: Response, config: InternalAxiosRequestConfig): AxiosResponse<Response> {
  return { data: response, status: response.status, statusText: response.statusText, headers: {}, config };
}
