import type { InternalAxiosRequestConfig } from 'axios';

export type Fetch = typeof globalThis.fetch;
export type FetchInput = Parameters<Fetch>[0];
export type FetchBody = NonNullable<RequestInit['body']>;
/** With what undici takes beside the standard. */
export type FetchInit = RequestInit & { readonly dispatcher?: unknown; readonly duplex?: 'half' };

/** A call of `fetch`, taken apart: what the caller passed is never changed, and read once. */
export interface FetchCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: FetchBody | null;
  readonly signal: AbortSignal | undefined;
  /** All else. */
  readonly init: FetchInit;
}

/** Whether it is read as a path below the base URL, rather than as a whole URL or one without a scheme. */
function isRelative(input: string): boolean {
  return !URL.canParse(input) && !/^[\\/]{2}/.test(input);
}

/** @param baseUrl with a slash at its end */
function urlOf(input: string | URL, baseUrl: string): string {
  const text = String(input);
  return isRelative(text) ? new URL(baseUrl + text.replace(/^[\\/]/, '')).href : new URL(text, baseUrl).href;
}

/** As `fetch` puts both together: `init` before the `Request`. */
export function fetchCallOf(input: FetchInput, init: FetchInit = {}, baseUrl: string): FetchCall {
  const request = input instanceof Request ? input : undefined;
  const { method, headers, body, signal, ...others } = init;
  return {
    url: urlOf(request === undefined ? (input as string | URL) : request.url, baseUrl),
    method: method ?? request?.method ?? 'GET',
    headers: new Headers(headers ?? request?.headers),
    body: body ?? (request?.body as FetchBody | null | undefined) ?? null,
    signal: signal ?? request?.signal ?? undefined,
    init: { ...(request !== undefined && settingsOf(request)), ...others },
  };
}

/** What a `Request` has beside its address, headers and body, as far as Node's `fetch` heeds it. */
function settingsOf({ integrity, keepalive, redirect }: Request): FetchInit {
  return { integrity, keepalive, redirect };
}

/** The same call, as the rules for tokens have calls. */
export function configOf({ url, method, headers, body, signal }: FetchCall): InternalAxiosRequestConfig {
  const config = {
    url,
    method: method.toLowerCase(),
    headers: Object.fromEntries(headers),
    data: body ?? undefined,
    ...(signal !== undefined && { signal }),
    // Node's `fetch` asks the environment for a proxy only when it is told to.
    ...(process.env['NODE_USE_ENV_PROXY'] === undefined && { proxy: false as const }),
  };
  return config as unknown as InternalAxiosRequestConfig;
}
