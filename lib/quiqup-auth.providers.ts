import type { FactoryProvider, Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { AccountRuntime, QuiqupAccounts, type QuiqupAccountsEvent } from './accounts/index.js';
import {
  createQuiqupAccountsConfig,
  createQuiqupAuthConfig,
  createQuiqupAuthConfigFromEnv,
  type QuiqupAccountsConfig,
  type QuiqupAccountsModuleOptions,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleOptions,
  type QuiqupSharedConfig,
} from './config/index.js';
import { QuiqupFetchService } from './fetch/index.js';
import { QuiqupHealthIndicator } from './health/index.js';
import { AuthorizingAdapter, QuiqupAxiosInterceptor, QuiqupHttpService, TrustedOrigins } from './http/index.js';
import { LateShutdown } from './late-shutdown.js';
import { AccountLifecycle } from './quiqup-auth.lifecycle.js';
import {
  ACCOUNT_NAME,
  ACCOUNTS_CONFIG,
  ACCOUNTS_OPTIONS,
  COORDINATION,
  FROM_ENVIRONMENT,
  getQuiqupProviderToken,
  MODULE_OPTIONS,
  QUIQUP_AUTH_CONFIG,
  SCHEDULER,
  type QuiqupProvider,
} from './quiqup-auth.tokens.js';
import { createCoordination, type Coordination, type StoreListener } from './store/index.js';
import { inOwnContext } from './time/index.js';
import { AuthEvents, createTokenClient, QuiqupTokenService, resolveCredentials, TokenClient } from './token/index.js';

/** The providers that applications may inject, once for each account. */
const PUBLIC_PROVIDERS: readonly QuiqupProvider[] = [
  QUIQUP_AUTH_CONFIG,
  QuiqupTokenService,
  QuiqupAxiosInterceptor,
  QuiqupHttpService,
  QuiqupFetchService,
  QuiqupHealthIndicator,
];

/** The exports of one account's module. */
export function exportsOf(name: string | undefined): (QuiqupProvider | string)[] {
  return PUBLIC_PROVIDERS.map((provider) => getQuiqupProviderToken(provider, name));
}

/**
 * The application's registry, if it has one. Importing ScheduleModule here would run the application's own jobs
 * twice.
 */
const SCHEDULER_PROVIDER: FactoryProvider<SchedulerRegistry> = {
  provide: SCHEDULER,
  inject: [{ token: SchedulerRegistry, optional: true }],
  useFactory: (registry?: SchedulerRegistry) => registry ?? new SchedulerRegistry(),
};

const LATE_SHUTDOWN_PROVIDER: FactoryProvider<LateShutdown> = {
  provide: LateShutdown,
  inject: [ModulesContainer],
  useFactory: (modules: ModulesContainer) => new LateShutdown(modules),
};

function coordinationOf(
  { cache, timeouts }: QuiqupSharedConfig,
  events: AuthEvents | AuthEvents<QuiqupAccountsEvent>,
  name?: string,
): Promise<Coordination> {
  const { redis, store } = cache;
  const listener: StoreListener = (event) => events.emit(event);
  return inOwnContext(() => createCoordination({ redis, store, timeoutMs: timeouts.store, listener, name }));
}

function coordinationProvider(name: string | undefined, config: QuiqupProvider | string): FactoryProvider {
  return {
    provide: COORDINATION,
    inject: [config, AuthEvents],
    useFactory: (options: QuiqupAuthConfig, events: AuthEvents) => coordinationOf(options, events, name),
  };
}

/** Created outside every async context, because a call may load a lazy module. */
function runtimeProvider(suffix: string, config: QuiqupProvider | string): FactoryProvider<AccountRuntime> {
  return {
    provide: AccountRuntime,
    inject: [config, COORDINATION, TokenClient, SCHEDULER, AuthEvents],
    useFactory: (
      options: QuiqupAuthConfig,
      coordination: Coordination,
      tokenClient: TokenClient,
      registry: SchedulerRegistry,
      events: AuthEvents,
    ) => {
      const trusted = new TrustedOrigins(options.trustedOrigins, options.http.socketPath);
      const askCredentials = () => resolveCredentials(options);
      const timerName = `quiqup-auth:refresh${suffix}`;
      return inOwnContext(
        () =>
          new AccountRuntime(
            { config: options, coordination, registry, tokenClient, trusted },
            { askCredentials, events, label: `QuiqupAuth${suffix}`, timerName },
          ),
      );
    },
  };
}

/** The internal providers of one account's module. */
function privateProviders(name: string | undefined, config: QuiqupProvider | string): FactoryProvider[] {
  const suffix = name === undefined ? '' : `:${name}`;
  return [
    SCHEDULER_PROVIDER,
    LATE_SHUTDOWN_PROVIDER,
    { provide: AuthEvents, useFactory: () => new AuthEvents() },
    coordinationProvider(name, config),
    { provide: TokenClient, inject: [config], useFactory: createTokenClient },
    runtimeProvider(suffix, config),
    {
      provide: AccountLifecycle,
      inject: [config, COORDINATION, AccountRuntime, TokenClient, LateShutdown],
      useFactory: (
        options: QuiqupAuthConfig,
        coordination: Coordination,
        runtime: AccountRuntime,
        tokenClient: TokenClient,
        lateShutdown: LateShutdown,
      ) => {
        const lifecycle = new AccountLifecycle(options, coordination, runtime, tokenClient);
        lateShutdown.follow(lifecycle);
        return lifecycle;
      },
    },
  ];
}

/** The providers that send calls. */
function waysToCall(named: (provider: QuiqupProvider) => QuiqupProvider | string): FactoryProvider[] {
  const config = named(QUIQUP_AUTH_CONFIG);
  return [
    {
      provide: named(QuiqupAxiosInterceptor),
      inject: [AuthorizingAdapter],
      useFactory: (adapter: AuthorizingAdapter) => new QuiqupAxiosInterceptor(adapter),
    },
    {
      provide: named(QuiqupHttpService),
      inject: [config, AuthorizingAdapter],
      useFactory: (options: QuiqupAuthConfig, adapter: AuthorizingAdapter) => new QuiqupHttpService(options, adapter),
    },
    {
      provide: named(QuiqupFetchService),
      inject: [config, AuthorizingAdapter],
      useFactory: (options: QuiqupAuthConfig, adapter: AuthorizingAdapter) => new QuiqupFetchService(options, adapter),
    },
  ];
}

/**
 * The providers of one account. A named account's public providers have their own injection tokens. Each can be overridden;
 * calls then use the replacement of `QuiqupTokenService`.
 */
export function providersOf(name: string | undefined): Provider[] {
  const named = (provider: QuiqupProvider): QuiqupProvider | string => getQuiqupProviderToken(provider, name);
  const config = named(QUIQUP_AUTH_CONFIG);
  const tokens = named(QuiqupTokenService);
  return [
    { provide: ACCOUNT_NAME, useValue: name ?? null },
    {
      provide: config,
      inject: [MODULE_OPTIONS],
      useFactory: (options: typeof FROM_ENVIRONMENT | (() => QuiqupAuthModuleOptions)) =>
        options === FROM_ENVIRONMENT ? createQuiqupAuthConfigFromEnv(process.env) : createQuiqupAuthConfig(options),
    },
    ...privateProviders(name, config),
    { provide: tokens, inject: [AccountRuntime], useFactory: (runtime: AccountRuntime) => runtime.tokens },
    {
      provide: AuthorizingAdapter,
      inject: [AccountRuntime, tokens],
      useFactory: (runtime: AccountRuntime, service: QuiqupTokenService) => runtime.createAdapter(service),
    },
    ...waysToCall(named),
    {
      provide: named(QuiqupHealthIndicator),
      inject: [AccountRuntime, COORDINATION],
      useFactory: (runtime: AccountRuntime, { store }: Coordination) => new QuiqupHealthIndicator(runtime, store),
    },
  ];
}

/** The providers of `forAccounts`. */
export const ACCOUNTS_PROVIDERS: Provider[] = [
  SCHEDULER_PROVIDER,
  LATE_SHUTDOWN_PROVIDER,
  {
    provide: ACCOUNTS_CONFIG,
    inject: [ACCOUNTS_OPTIONS],
    useFactory: (options: () => QuiqupAccountsModuleOptions) => createQuiqupAccountsConfig(options),
  },
  {
    provide: QuiqupAccounts,
    inject: [ACCOUNTS_CONFIG, SCHEDULER, LateShutdown],
    useFactory: async (config: QuiqupAccountsConfig, registry: SchedulerRegistry, lateShutdown: LateShutdown) => {
      const events = new AuthEvents<QuiqupAccountsEvent>();
      const coordination = await coordinationOf(config, events);
      const accounts = inOwnContext(() => new QuiqupAccounts(config, coordination, registry, events));
      lateShutdown.follow(accounts);
      return accounts;
    },
  },
];
