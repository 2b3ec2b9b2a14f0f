/** The environments that Quiqup runs. Their credentials and tokens are not interchangeable. */
export type QuiqupEnvironment = 'production' | 'staging' | 'mock';

interface QuiqupHosts {
  /** The platform API, which issues the tokens. */
  readonly baseUrl: string;
  /** Further origins that accept the same tokens: the last-mile API. */
  readonly lastMileOrigins: readonly string[];
}

/** Quiqup's hosts, after its Authentication API 1.0.0. */
export const QUIQUP_HOSTS: Readonly<Record<QuiqupEnvironment, QuiqupHosts>> = {
  production: {
    baseUrl: 'https://platform-api.quiqup.com/',
    lastMileOrigins: ['https://api-ae.quiqup.com', 'https://api.quiqup.com'],
  },
  staging: {
    baseUrl: 'https://platform-api.staging.quiqup.com/',
    lastMileOrigins: ['https://api.staging.quiqup.com'],
  },
  mock: {
    baseUrl: 'https://developer-docs.quiqup.com/_mock/auth/',
    lastMileOrigins: [],
  },
};
