import type { AxiosRequestConfig } from 'axios';

/** The options of axios that decide how bytes travel. What a proxy is to the calls, it is to the token request. */
export const NETWORK_OPTIONS = [
  'adapter',
  'allowedSocketPaths',
  'env',
  'family',
  'fetchOptions',
  'http2Options',
  'httpAgent',
  'httpVersion',
  'httpsAgent',
  'insecureHTTPParser',
  'lookup',
  'maxRate',
  'proxy',
  'socketPath',
  'transport',
] as const satisfies readonly (keyof AxiosRequestConfig)[];
