import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

/** In s. Nothing is renewed while a test runs, however far it turns the clock. */
const LIFETIME = 10 * 365 * 24 * 60 * 60;

function refuse(config: InternalAxiosRequestConfig): Promise<never> {
  const call = `${(config.method ?? 'get').toUpperCase()} ${axios.getUri(config)}`;
  return Promise.reject(
    new axios.AxiosError(
      `QuiqupAuthTestingModule sends nothing: ${call}. Give it an adapter that answers.`,
      'ERR_NETWORK',
      config,
    ),
  );
}

/**
 * Answers the token request itself, so that nothing leaves the process.
 *
 * @param answer gets all other calls; left out, they fail as if there were no network
 */
export function offlineAdapter(accessToken: string, answer: AxiosAdapter = refuse): AxiosAdapter {
  return (config) => {
    if (!(config.method === 'post' && config.url?.endsWith('/oauth/token') === true)) {
      return answer(config);
    }
    const data = JSON.stringify({ access_token: accessToken, token_type: 'bearer', expires_in: LIFETIME });
    const response: AxiosResponse<string> = { data, status: 200, statusText: 'OK', headers: {}, config };
    return Promise.resolve(response);
  };
}
