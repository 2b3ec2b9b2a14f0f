import type { InternalAxiosRequestConfig } from 'axios';

export type Fetch = typeof globalThis.fetch;
export type FetchInput = Parameters<Fetch>[0];
export type FetchBody = NonNullable<RequestInit['body']>;
/** The standard's options, and undici's own. */
export type FetchInit = RequestInit & { readonly dispatcher?: unknown; readonly duplex?: 'half' };

/** The parts of a `fetch` call. The caller's arguments are read once and never changed. */
export interface FetchCall {
  readonly url: string;
  /** The base URL, if `url` is certainly one of its paths and needs no check of its own. */
  readonly baseUrl: string | undefined;
  readonly method: string;
  /** A copy. */
  readonly headers: Record<string, string>;
  readonly body: FetchBody | null;
  readonly signal: AbortSignal | undefined;
  /** The object with all other options. */
  readonly init: FetchInit | undefined;
}

/**
 * A path that every parser reads as a path, with or without a slash at its start. Most calls have one, and parsing a URL
 * costs a tenth of a call.
 */
const PLAIN_PATH = /^(?:\/(?:[\w.~%!$&'()*+,;=:@-][^\s\\]*)?|[\w-]+(?:[/?#][^\s\\]*)?)$/;

/** Node's `fetch` uses a proxy from the environment only if Node was started with that option. */
const USES_ENVIRONMENT_PROXY = process.env['NODE_USE_ENV_PROXY'] !== undefined;

/** Whether the text is a path below the base URL, not an absolute URL or one without a scheme. */
function isRelative(input: string): boolean {
  return !URL.canParse(input) && !/^[\\/]{2}/.test(input);
}

/** @param baseUrl with a slash at its end */
function addressOf(input: string | URL, baseUrl: string): Pick<FetchCall, 'url' | 'baseUrl'> {
  const text = String(input);
  if (PLAIN_PATH.test(text)) {
    return { url: baseUrl + text.replace(/^\//, ''), baseUrl };
  }
  const url = isRelative(text) ? new URL(baseUrl + text.replace(/^[\\/]/, '')) : new URL(text, baseUrl);
  return { url: url.href, baseUrl: undefined };
}

/**
 * `Headers` costs more than the rest of a call's work, and most callers pass an object or nothing. Does not spread it, for
 * the reason that `initOf` names.
 */
function headersOf(headers: RequestInit['headers']): Record<string, string> {
  if (headers === undefined || headers === null) {
    return {};
  }
  return Object.getPrototypeOf(headers) === Object.prototype
    ? Object.assign({}, headers as Record<string, string>)
    : Object.fromEntries(new Headers(headers));
}

/** Combines both like `fetch`: `init` before the `Request`. */
export function fetchCallOf(input: FetchInput, init: FetchInit | undefined, baseUrl: string): FetchCall {
  const request = input instanceof Request ? input : undefined;
  const { url, baseUrl: base } = addressOf(request === undefined ? (input as string | URL) : request.url, baseUrl);
  return {
    url,
    baseUrl: base,
    method: init?.method ?? request?.method ?? 'GET',
    headers: headersOf(init?.headers ?? request?.headers),
    body: init?.body ?? (request?.body as FetchBody | null | undefined) ?? null,
    signal: init?.signal ?? request?.signal ?? undefined,
    init: request === undefined ? init : { ...settingsOf(request), ...init },
  };
}

/** The properties of a `Request` besides URL, headers and body that Node's `fetch` uses. */
function settingsOf({ integrity, keepalive, redirect }: Request): FetchInit {
  return { integrity, keepalive, redirect };
}

/** The same call, in the form that the token rules use. */
export function configOf({ url, baseUrl, method, headers, body, signal }: FetchCall): InternalAxiosRequestConfig {
  const config: Record<string, unknown> = {
    url: baseUrl === undefined ? url : url.slice(baseUrl.length - 1),
    method: method.toLowerCase(),
    headers,
    data: body ?? undefined,
  };
  if (baseUrl !== undefined) {
    config['baseURL'] = baseUrl;
  }
  if (signal !== undefined) {
    config['signal'] = signal;
  }
  if (!USES_ENVIRONMENT_PROXY) {
    config['proxy'] = false;
  }
  return config as unknown as InternalAxiosRequestConfig;
}
