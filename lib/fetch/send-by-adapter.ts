import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { axios } from '../http/index.js';
import type { FetchBody, FetchCall } from './fetch-call.js';
import { answerOf } from './send-fetch.js';

const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

function bodyOf({ data, status }: AxiosResponse<unknown>): FetchBody | null {
  if (WITHOUT_BODY.has(status) || data === undefined || data === null) {
    return null;
  }
  const isPlain =
    typeof data === 'object' &&
    [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(data) as object);
  return isPlain ? JSON.stringify(data) : (data as FetchBody);
}

/** Sends a call through an axios adapter that the application or a test uses instead of the network. */
export async function sendByAdapter(
  { url, body }: FetchCall,
  config: InternalAxiosRequestConfig,
  adapter: AxiosAdapter,
): Promise<AxiosResponse<Response>> {
  const answered = await adapter({
    ...config,
    url,
    headers: new axios.AxiosHeaders(config.headers),
    data: body ?? undefined,
    // `fetch` does not reject for any status.
    validateStatus: () => true,
  });
  const headers = new Headers(answered.headers as Record<string, string>);
  const shown = bodyOf(answered);
  if (typeof shown === 'string' && !headers.has('content-type')) {
    headers.set('content-type', typeof answered.data === 'string' ? 'text/plain;charset=UTF-8' : 'application/json');
  }
  const { status, statusText } = answered;
  const response = new Response(shown, { status, statusText, headers });
  return answerOf(Object.defineProperty(response, 'url', { value: url, configurable: true }), config);
}
