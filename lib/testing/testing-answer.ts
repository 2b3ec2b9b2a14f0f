import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { STATUS_CODES } from 'node:http';
import { axios } from '../http/index.js';

/** A call of `QuiqupHttpService` as it would be sent. */
export interface QuiqupTestingRequest {
  /** In upper case. */
  readonly method: string;
  /** The final URL: absolute, with its parameters. */
  readonly url: string;
  /** With `Authorization`; `headers.get(name)` finds a header whatever its case. */
  readonly headers: InternalAxiosRequestConfig['headers'];
  /** A JSON body as its value; any other one as axios would send it; undefined for none. */
  readonly data: unknown;
}

/** How a call of `QuiqupHttpService` is answered. */
export interface QuiqupTestingAnswer {
  /** Default 200. One that the call's `validateStatus` refuses rejects, as with axios. */
  readonly status?: number | undefined;
  /** An object as JSON would bring it; text is read as axios reads a body. Default empty. */
  readonly data?: unknown;
  /** Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Answers calls in place of Quiqup. What it throws is what the call rejects with. */
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
    // A copy: the module takes the token out of the config of a call that has ended.
    const headers = new axios.AxiosHeaders(config.headers) as InternalAxiosRequestConfig['headers'];
    const request = { method: method.toUpperCase(), url: axios.getUri(config), headers, data: bodyOf(config) };
    const { status = 200, data = '', headers: answered = {} } = await answer(request);
    // As Node has them.
    const lowered = Object.entries(answered).map(([name, value]) => [name.toLowerCase(), value]);
    return { data, status, statusText: STATUS_CODES[status] ?? '', headers: Object.fromEntries(lowered), config };
  };
}
