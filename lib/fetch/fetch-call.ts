import type { InternalAxiosRequestConfig } from 'axios';

export type Fetch = typeof globalThis.fetch;
export type FetchInput = Parameters<Fetch>[0];
export type FetchBody = NonNullable<RequestInit['body']>;
/** With what undici takes beside the standard. */
export type FetchInit = RequestInit & { readonly dispatcher?: unknown; readonly duplex?: 'half' };

/** A call of `fetch`, taken apart: what the caller passed is never changed, and read once. */
export interface FetchCall {
  readonly url: string;
  /** The base URL, where `url` is one of its paths without doubt, and needs no look of its own. */
  readonly baseUrl: string | undefined;
  readonly method: string;
  /** A copy. */
  readonly headers: Record<string, string>;
  readonly body: FetchBody | null;
  readonly signal: AbortSignal | undefined;
  /** Where all else stands. */
  readonly init: FetchInit | undefined;
}

/** A path that no parser takes for anything else; most calls have one, and to take a URL apart costs a tenth of a call. */
const PLAIN_PATH = /^\/(?:[\w.~%!$&'()*+,;=:@-][^\s\\]*)?$/;

/** Node's `fetch` asks the environment for a proxy only when it is told to at its start. */
const USES_ENVIRONMENT_PROXY = process.env['NODE_USE_ENV_PROXY'] !== undefined;

/** Whether it is read as a path below the base URL, rather than as a whole URL or one without a scheme. */
function isRelative(input: string): boolean {
  return !URL.canParse(input) && !/^[\\/]{2}/.test(input);
}

/** @param baseUrl with a slash at its end */
function addressOf(input: string | URL, baseUrl: string): Pick<FetchCall, 'url' | 'baseUrl'> {
  const text = String(input);
  if (PLAIN_PATH.test(text)) {
    return { url: baseUrl + text.slice(1), baseUrl };
  }
  const url = isRelative(text) ? new URL(baseUrl + text.replace(/^[\\/]/, '')) : new URL(text, baseUrl);
  return { url: url.href, baseUrl: undefined };
}

/** `Headers` costs more than all else that is done for a call, and most callers have an object or nothing. */
function headersOf(headers: RequestInit['headers']): Record<string, string> {
  if (headers === undefined || headers === null) {
    return {};
  }
  return Object.getPrototypeOf(headers) === Object.prototype
    ? { ...(headers as Record<string, string>) }
    : Object.fromEntries(new Headers(headers));
}

/** As `fetch` puts both together: `init` before the `Request`. */
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

/** What a `Request` has beside its address, headers and body, as far as Node's `fetch` heeds it. */
function settingsOf({ integrity, keepalive, redirect }: Request): FetchInit {
  return { integrity, keepalive, redirect };
}

/** The same call, as the rules for tokens have calls. */
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
