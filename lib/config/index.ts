export {
  createQuiqupAuthConfigFromEnv,
  quiqupAuthOptionsFromEnv,
  VARIABLES,
  type QuiqupEnvironmentVariables,
} from './quiqup-auth-options-from-env.js';
export type {
  QuiqupAuthModuleAsyncOptions,
  QuiqupAuthModuleExtras,
  QuiqupAuthModuleOptions,
  QuiqupAuthOptionsFactory,
  QuiqupCacheOptions,
  QuiqupCredential,
  QuiqupHttpOptions,
  QuiqupRefreshOptions,
  QuiqupSealingKey,
  QuiqupTimeoutOptions,
} from './quiqup-auth-options.interface.js';
export type {
  QuiqupAccountsModuleAsyncOptions,
  QuiqupAccountsModuleExtras,
  QuiqupAccountsModuleOptions,
  QuiqupAccountsOptionsFactory,
  QuiqupClientCredentials,
  QuiqupCredentialsResolver,
} from './quiqup-accounts-options.interface.js';
export { lastMileUrlOf } from './last-mile-url.js';
export {
  createQuiqupAccountsConfig,
  createQuiqupAuthConfig,
  type QuiqupAccountsConfig,
  type QuiqupAuthConfig,
  type QuiqupSharedConfig,
} from './quiqup-auth.config.js';
export { schemaEntries } from './own-values.js';
export type { QuiqupEnvironment } from './quiqup-environments.js';
export { shownRedisUrl } from './redis-url.js';
export { parseSecureUrl } from './secure-url.js';
export { valuesIn } from './shown-as.js';
