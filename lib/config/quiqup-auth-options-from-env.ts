import type { QuiqupAuthModuleOptions } from './quiqup-auth-options.interface.js';
import type { QuiqupEnvironment } from './quiqup-environments.js';

/**
 * Reads the options from environment variables: `QUIQUP_CLIENT_ID`, `QUIQUP_CLIENT_SECRET`, `QUIQUP_ENVIRONMENT` or
 * `QUIQUP_BASE_URL`, `QUIQUP_LAST_MILE_URL`, and `REDIS_URL`. It omits missing and empty variables. The module reports
 * missing and wrong options when it starts.
 *
 * @example
 * ```ts
 * QuiqupAuthModule.forRoot(quiqupAuthOptionsFromEnv(process.env))
 * ```
 */
export function quiqupAuthOptionsFromEnv(env: Readonly<Record<string, string | undefined>>): QuiqupAuthModuleOptions {
  return {
    environment: env['QUIQUP_ENVIRONMENT'] as QuiqupEnvironment | undefined,
    baseUrl: env['QUIQUP_BASE_URL'],
    lastMileUrl: env['QUIQUP_LAST_MILE_URL'],
    clientId: env['QUIQUP_CLIENT_ID'] ?? '',
    clientSecret: env['QUIQUP_CLIENT_SECRET'] ?? '',
    cache: { redis: env['REDIS_URL'] },
  };
}
