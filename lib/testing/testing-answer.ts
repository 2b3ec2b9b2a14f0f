import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { STATUS_CODES } from 'node:http';
import { axios } from '../http/index.js';

/** A call of `QuiqupHttpService` in the form that would be sent. */
export interface QuiqupTestingRequest {
  /** In upper case. */
  readonly method: string;
  /** The final URL: absolute, with its parameters. */
  readonly url: string;
  /** With `Authorization`; `headers.get(name)` ignores the case of the name. */
  readonly headers: InternalAxiosRequestConfig['headers'];
  /** A JSON body as its value; another body as axios would send it; undefined without a body. */
  readonly data: unknown;
}

/** The answer to a call of `QuiqupHttpService`. */
export interface QuiqupTestingAnswer {
  /** Default 200. A status that the call's `validateStatus` refuses rejects, as with axios. */
  readonly status?: number | undefined;
  /** An object arrives as if sent as JSON; text is parsed as axios parses a body. Default empty. */
  readonly data?: unknown;
  /** Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Answers calls instead of Quiqup. If it throws, the call rejects with that error. */
export type QuiqupTestingAnswerer = (
  request: QuiqupTestingRequest,
) => QuiqupTestingAnswer | Promise<QuiqupTestingAnswer>;

function bodyOf({ data, headers }: InternalAxiosRequestConfig): unknown {
  const body: unknown = data;
  if (typeof body !== 'string' || !String(headers.getContentType()).includes('json')) {
    return body;
  }
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

export function answeringAdapter(answer: QuiqupTestingAnswerer): AxiosAdapter {
  return async (config) => {
    const { method = 'get' } = config;
    // A copy, because the module removes the token from the config after the call.
    const headers = new axios.AxiosHeaders(config.headers) as InternalAxiosRequestConfig['headers'];
    const request = { method: method.toUpperCase(), url: axios.getUri(config), headers, data: bodyOf(config) };
    const { status = 200, data = '', headers: answered = {} } = await answer(request);
    // In the form of Node.
    const lowered = Object.entries(answered).map(([name, value]) => [name.toLowerCase(), value]);
    return { data, status, statusText: STATUS_CODES[status] ?? '', headers: Object.fromEntries(lowered), config };
  };
}
