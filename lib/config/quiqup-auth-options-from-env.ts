import { QuiqupConfigError } from '../errors/index.js';
import type { QuiqupAuthModuleOptions } from './quiqup-auth-options.interface.js';
import { createQuiqupAuthConfig, type QuiqupAuthConfig } from './quiqup-auth.config.js';
import type { QuiqupEnvironment } from './quiqup-environments.js';

/** Environment variables: `process.env`, or anything with `get`, such as Nest's `ConfigService` or a `Map`. */
export type QuiqupEnvironmentVariables =
  Readonly<Record<string, string | undefined>> | { get(name: string): string | undefined };

/** The variables, by the path of their options. */
export const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['clientId', 'QUIQUP_CLIENT_ID'],
  ['clientSecret', 'QUIQUP_CLIENT_SECRET'],
  ['environment', 'QUIQUP_ENVIRONMENT'],
  ['baseUrl', 'QUIQUP_BASE_URL'],
  ['lastMileUrl', 'QUIQUP_LAST_MILE_URL'],
  ['cache.redis', 'REDIS_URL'],
]);

function readerOf(env: QuiqupEnvironmentVariables): (name: string) => string | undefined {
  // A variable may also be named `get`, but it is not a function.
  return typeof env.get === 'function'
    ? (name) => (env as { get(name: string): string | undefined }).get(name)
    : (name) => (env as Readonly<Record<string, string | undefined>>)[name];
}

/**
 * Reads the options from environment variables: `QUIQUP_CLIENT_ID`, `QUIQUP_CLIENT_SECRET`, `QUIQUP_ENVIRONMENT` or
 * `QUIQUP_BASE_URL`, `QUIQUP_LAST_MILE_URL`, and `REDIS_URL`. It omits missing and empty variables. The module reports
 * missing and wrong options when it starts.
 *
 * @param env `process.env`, or anything with `get`, such as the `ConfigService`
 * @example
 * ```ts
 * QuiqupAuthModule.forRoot(quiqupAuthOptionsFromEnv(process.env))
 * ```
 */
export function quiqupAuthOptionsFromEnv(env: QuiqupEnvironmentVariables): QuiqupAuthModuleOptions {
  const read = readerOf(env);
  return {
    environment: read('QUIQUP_ENVIRONMENT') as QuiqupEnvironment | undefined,
    baseUrl: read('QUIQUP_BASE_URL'),
    lastMileUrl: read('QUIQUP_LAST_MILE_URL'),
    clientId: read('QUIQUP_CLIENT_ID') ?? '',
    clientSecret: read('QUIQUP_CLIENT_SECRET') ?? '',
    cache: { redis: read('REDIS_URL') },
  };
}

/** Replaces the names of options by the names of their variables. */
function inVariables(text: string): string {
  return [...VARIABLES].reduce((shown, [path, name]) => shown.replaceAll(new RegExp(`\\b${path}\\b`, 'g'), name), text);
}

/**
 * Like `createQuiqupAuthConfig`, from environment variables.
 *
 * @throws {@link QuiqupConfigError} with all problems, by the names of the variables
 */
export function createQuiqupAuthConfigFromEnv(env: QuiqupEnvironmentVariables): QuiqupAuthConfig {
  try {
    return createQuiqupAuthConfig(() => quiqupAuthOptionsFromEnv(env));
  } catch (error) {
    if (!(error instanceof QuiqupConfigError)) {
      throw error;
    }
    throw new QuiqupConfigError(
      error.problems.map(({ path, problem }) => ({ path: inVariables(path), problem: inVariables(problem) })),
    );
  }
}
