import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import type { QuiqupHttpOptions, QuiqupSharedConfig } from '../config/index.js';

const LARGEST_RESPONSE_BYTES = 1024 * 1024;

/** What the network between here and Quiqup may need; everything else of the user's options is about their calls. */
const NETWORK_OPTIONS = [
  'adapter',
  'family',
  'httpAgent',
  'httpsAgent',
  'httpVersion',
  'lookup',
  'proxy',
  'socketPath',
] as const satisfies readonly (keyof CreateAxiosDefaults)[];

function networkOptions(http: QuiqupHttpOptions): CreateAxiosDefaults {
  return Object.fromEntries(NETWORK_OPTIONS.filter((key) => http[key] !== undefined).map((key) => [key, http[key]]));
}

/** Sends token requests, and nothing else: the calls' interceptors would wait for the very token that is requested. */
export function createTokenClient({ http }: QuiqupSharedConfig): AxiosInstance {
  return axios.create({
    ...networkOptions(http),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    maxContentLength: LARGEST_RESPONSE_BYTES,
    // A redirect would carry the secret elsewhere.
    maxRedirects: 0,
    // axios' fetch adapter did not know maxRedirects at first.
    fetchOptions: { redirect: 'manual' },
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
  });
}
