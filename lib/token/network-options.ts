import type { AxiosRequestConfig } from 'axios';

/** The axios options for the network, such as a proxy. The calls and the token requests share them. */
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
