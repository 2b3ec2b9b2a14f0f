export { QuiqupAccount, QuiqupAccounts, type QuiqupAccountsEvent } from './accounts/index.js';
export {
  quiqupAuthOptionsFromEnv,
  type QuiqupAccountsModuleAsyncOptions,
  type QuiqupAccountsModuleExtras,
  type QuiqupAccountsModuleOptions,
  type QuiqupAccountsOptionsFactory,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleAsyncOptions,
  type QuiqupAuthModuleExtras,
  type QuiqupAuthModuleOptions,
  type QuiqupAuthOptionsFactory,
  type QuiqupCacheOptions,
  type QuiqupClientCredentials,
  type QuiqupCredential,
  type QuiqupCredentialsResolver,
  type QuiqupEnvironment,
  type QuiqupHttpOptions,
  type QuiqupRefreshOptions,
  type QuiqupSealingKey,
  type QuiqupSharedConfig,
  type QuiqupTimeoutOptions,
} from './config/index.js';
export * from './errors/index.js';
export {
  QuiqupHealthIndicator,
  type QuiqupHealth,
  type QuiqupHealthCheckOptions,
  type QuiqupHealthReason,
  type QuiqupHealthRenewal,
  type QuiqupHealthStatus,
  type QuiqupHealthStore,
  type QuiqupHealthToken,
} from './health/index.js';
export { QuiqupAxiosInterceptor, QuiqupHttpService } from './http/index.js';
export { QuiqupAuthModule } from './quiqup-auth.module.js';
export { getQuiqupProviderToken, InjectQuiqup, QUIQUP_AUTH_CONFIG, type QuiqupProvider } from './quiqup-auth.tokens.js';
export type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from './store/index.js';
export {
  QuiqupAccessToken,
  QuiqupTokenService,
  type QuiqupAuthEvent,
  type QuiqupBudgetSpentEvent,
  type QuiqupCallNotRecoveredEvent,
  type QuiqupCallRecoveredEvent,
  type QuiqupCallRejectedEvent,
  type QuiqupGrantType,
  type QuiqupRenewalCause,
  type QuiqupRenewalFailedEvent,
  type QuiqupTokenAcquiredEvent,
  type QuiqupTokenAdoptedEvent,
  type QuiqupTokenRequestEvent,
  type QuiqupTokenReusedEvent,
  type QuiqupTokenWaitOptions,
} from './token/index.js';
