import type { FactoryProvider } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { createCache } from 'cache-manager';
import { createQuiqupAuthConfig, type QuiqupAuthConfig, type QuiqupAuthModuleOptions } from './config/index.js';
import { AuthorizingAdapter, QuiqupAxiosInterceptor, QuiqupHttpService, TrustedOrigins } from './http/index.js';
import { MODULE_OPTIONS_TOKEN } from './quiqup-auth.module-definition.js';
import { QUIQUP_AUTH_CONFIG, REFRESH_LOCK, SCHEDULER, TOKEN_STORE } from './quiqup-auth.tokens.js';
import { TokenRefresher } from './refresh/index.js';
import { CacheTokenStore, createRedisCache, ProcessLock, type RefreshLock, type TokenStore } from './store/index.js';
import { QuiqupTokenService, TokenAcquisition, TokenEndpoint, TokenRenewal } from './token/index.js';

const TIMER_NAME = 'quiqup-auth:refresh';

async function createTokenStore({ cache, timeouts }: QuiqupAuthConfig): Promise<TokenStore> {
  if (cache.store !== undefined) {
    return new CacheTokenStore(cache.store, timeouts.store, false);
  }
  const own = cache.redis === undefined ? createCache() : await createRedisCache(cache.redis, timeouts.store);
  return new CacheTokenStore(own, timeouts.store, true);
}

/** Builds the rooms' classes, which know nothing of injection, from the floor up. */
export const providers: FactoryProvider[] = [
  {
    provide: QUIQUP_AUTH_CONFIG,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (options: QuiqupAuthModuleOptions) => createQuiqupAuthConfig(options),
  },
  { provide: TOKEN_STORE, inject: [QUIQUP_AUTH_CONFIG], useFactory: createTokenStore },
  { provide: REFRESH_LOCK, useFactory: () => new ProcessLock() },
  {
    provide: TokenRenewal,
    inject: [QUIQUP_AUTH_CONFIG, TOKEN_STORE, REFRESH_LOCK],
    useFactory: (config: QuiqupAuthConfig, store: TokenStore, lock: RefreshLock) =>
      new TokenRenewal(config, new TokenAcquisition(config, new TokenEndpoint(config), store, lock)),
  },
  {
    provide: QuiqupTokenService,
    inject: [QUIQUP_AUTH_CONFIG, TokenRenewal],
    useFactory: (config: QuiqupAuthConfig, renewal: TokenRenewal) =>
      new QuiqupTokenService(renewal, config.timeouts.wait),
  },
  {
    // The application's registry where it has one. Importing ScheduleModule here would run the application's own jobs
    // once more.
    provide: SCHEDULER,
    inject: [{ token: SchedulerRegistry, optional: true }],
    useFactory: (registry?: SchedulerRegistry) => registry ?? new SchedulerRegistry(),
  },
  {
    provide: TokenRefresher,
    inject: [QUIQUP_AUTH_CONFIG, TokenRenewal, SCHEDULER],
    useFactory: (config: QuiqupAuthConfig, renewal: TokenRenewal, registry: SchedulerRegistry) =>
      new TokenRefresher(config, renewal, registry, TIMER_NAME),
  },
  {
    provide: AuthorizingAdapter,
    inject: [QUIQUP_AUTH_CONFIG, TokenRenewal, QuiqupTokenService],
    useFactory: (config: QuiqupAuthConfig, renewal: TokenRenewal, tokens: QuiqupTokenService) =>
      new AuthorizingAdapter(tokens, renewal, new TrustedOrigins(config.trustedOrigins)),
  },
  {
    provide: QuiqupAxiosInterceptor,
    inject: [AuthorizingAdapter],
    useFactory: (adapter: AuthorizingAdapter) => new QuiqupAxiosInterceptor(adapter),
  },
  {
    provide: QuiqupHttpService,
    inject: [QUIQUP_AUTH_CONFIG, AuthorizingAdapter],
    useFactory: (config: QuiqupAuthConfig, adapter: AuthorizingAdapter) => new QuiqupHttpService(config, adapter),
  },
];
