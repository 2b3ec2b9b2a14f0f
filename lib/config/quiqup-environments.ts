/** The environments that Quiqup runs. Their credentials and tokens are not interchangeable. */
export type QuiqupEnvironment = 'production' | 'staging' | 'mock';

/** One environment's addresses, each with a slash at its end. */
export interface QuiqupHosts {
  /** The base URL of the token endpoint, `oauth/token`. */
  readonly authUrl: string;
  /** The platform API: fulfilment. */
  readonly platformUrl: string;
  /** The last-mile API: courier orders; `undefined` where the environment has none. */
  readonly lastMileUrl: string | undefined;
  /** Further origins of the environment that accept the same tokens. */
  readonly otherOrigins: readonly string[];
}

/**
 * Quiqup's hosts, after its Authentication API 1.0.0 and Fulfilment API 1.0.0. The last mile of production answers on a
 * regional host; the documented `api.quiqup.com` gets the token too, but is not called by itself.
 */
export const QUIQUP_HOSTS: Readonly<Record<QuiqupEnvironment, QuiqupHosts>> = {
  production: {
    authUrl: 'https://platform-api.quiqup.com/',
    platformUrl: 'https://platform-api.quiqup.com/',
    lastMileUrl: 'https://api-ae.quiqup.com/',
    otherOrigins: ['https://api.quiqup.com'],
  },
  staging: {
    authUrl: 'https://platform-api.staging.quiqup.com/',
    platformUrl: 'https://platform-api.staging.quiqup.com/',
    lastMileUrl: 'https://api.staging.quiqup.com/',
    otherOrigins: [],
  },
  mock: {
    authUrl: 'https://developer-docs.quiqup.com/_mock/auth/',
    platformUrl: 'https://developer-docs.quiqup.com/_mock/openapi/',
    lastMileUrl: undefined,
    otherOrigins: [],
  },
};
