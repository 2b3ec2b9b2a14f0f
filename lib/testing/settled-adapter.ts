import type { AxiosAdapter, AxiosResponse } from 'axios';
import { axios } from '../http/index.js';

/** The last step of axios' own adapters: a status that `validateStatus` refuses becomes an error. */
function settle(response: AxiosResponse): AxiosResponse {
  const { status, config, request } = response;
  const { validateStatus } = config;
  if (!status || !validateStatus || validateStatus(status)) {
    return response;
  }
  const code = status >= 400 && status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE';
  throw new axios.AxiosError(`Request failed with status code ${status}`, code, config, request, response);
}

/** The adapter with `validateStatus`, as in axios' own adapters. */
export function settledAdapter(adapter: AxiosAdapter): AxiosAdapter {
  return async (config) => settle({ ...(await adapter(config)), config });
}
