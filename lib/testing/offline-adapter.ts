import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { axios } from '../http/index.js';

/** In s. So long that no token is renewed during a test, even with an advanced clock. */
const LIFETIME = 10 * 365 * 24 * 60 * 60;

/** Fails like a call without a network. */
export const refusingAdapter: AxiosAdapter = (config) => {
  const call = `${(config.method ?? 'get').toUpperCase()} ${axios.getUri(config)}`;
  return Promise.reject(
    new axios.AxiosError(
      `QuiqupAuthTestingModule sends nothing: ${call}. Give it an answer, or an adapter that answers.`,
      'ERR_NETWORK',
      config,
    ),
  );
};

function isTokenRequest({ method, url }: InternalAxiosRequestConfig): boolean {
  return method === 'post' && url?.endsWith('/oauth/token') === true;
}

/**
 * Answers token requests itself, so that nothing leaves the process. The first gets `accessToken`, the next
 * ones get `accessToken-2`, `accessToken-3` and so on, because only another token replaces a refused one.
 *
 * @param calls receives all other requests
 */
export function offlineAdapter(accessToken: string, calls: AxiosAdapter): AxiosAdapter {
  let issued = 0;
  return (config) => {
    if (!isTokenRequest(config)) {
      return calls(config);
    }
    issued += 1;
    const token = issued === 1 ? accessToken : `${accessToken}-${issued}`;
    const data = JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: LIFETIME });
    const response: AxiosResponse<string> = { data, status: 200, statusText: 'OK', headers: {}, config };
    return Promise.resolve(response);
  };
}
