import type { FactoryProvider, Provider } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import {
  createAuthorizingAdapter,
  createTokenRecovery,
  createTokenRefresher,
  createTokenRenewal,
  createTokenService,
  QuiqupAccounts,
  type QuiqupAccountsEvent,
} from './accounts/index.js';
import {
  createQuiqupAccountsConfig,
  createQuiqupAuthConfig,
  type QuiqupAccountsConfig,
  type QuiqupAccountsModuleOptions,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleOptions,
} from './config/index.js';
import { QuiqupHealthIndicator } from './health/index.js';
import { AuthorizingAdapter, QuiqupAxiosInterceptor, QuiqupHttpService, TrustedOrigins } from './http/index.js';
import {
  ACCOUNT_NAME,
  ACCOUNTS_CONFIG,
  ACCOUNTS_OPTIONS,
  getQuiqupProviderToken,
  MEETING_POINT,
  MODULE_OPTIONS,
  QUIQUP_AUTH_CONFIG,
  SCHEDULER,
  type QuiqupProvider,
} from './quiqup-auth.tokens.js';
import { TokenRefresher } from './refresh/index.js';
import { createMeetingPoint, type MeetingPoint } from './store/index.js';
import {
  AuthEvents,
  createTokenClient,
  QuiqupTokenService,
  RejectionBudget,
  resolveCredentials,
  TokenRecovery,
  TokenRenewal,
} from './token/index.js';

/** What applications may inject, once for each account. */
const PUBLIC_PROVIDERS: readonly QuiqupProvider[] = [
  QUIQUP_AUTH_CONFIG,
  QuiqupTokenService,
  QuiqupAxiosInterceptor,
  QuiqupHttpService,
  QuiqupHealthIndicator,
];

/** What one account's module exports. */
export function exportsOf(name: string | undefined): (QuiqupProvider | string)[] {
  return PUBLIC_PROVIDERS.map((provider) => getQuiqupProviderToken(provider, name));
}

/**
 * The application's registry where it has one. Importing ScheduleModule here would run the application's own jobs once
 * more.
 */
const SCHEDULER_PROVIDER: FactoryProvider<SchedulerRegistry> = {
  provide: SCHEDULER,
  inject: [{ token: SchedulerRegistry, optional: true }],
  useFactory: (registry?: SchedulerRegistry) => registry ?? new SchedulerRegistry(),
};

/**
 * Builds the rooms' classes, which know nothing of injection, from the floor up. A named account's public ones have
 * tokens of their own; all others are seen in its module alone.
 */
export function providersOf(name: string | undefined): Provider[] {
  const named = (provider: QuiqupProvider): QuiqupProvider | string => getQuiqupProviderToken(provider, name);
  const config = named(QUIQUP_AUTH_CONFIG);
  const tokens = named(QuiqupTokenService);
  const account = name === undefined ? '' : `:${name}`;
  const factories: FactoryProvider[] = [
    {
      provide: config,
      inject: [MODULE_OPTIONS],
      useFactory: (options: () => QuiqupAuthModuleOptions) => createQuiqupAuthConfig(options),
    },
    {
      provide: MEETING_POINT,
      inject: [config, AuthEvents],
      useFactory: ({ cache, timeouts }: QuiqupAuthConfig, events: AuthEvents) =>
        createMeetingPoint(cache, timeouts.store, events.emit.bind(events)),
    },
    { provide: AuthEvents, useFactory: () => new AuthEvents() },
    { provide: RejectionBudget, useFactory: () => new RejectionBudget() },
    {
      provide: TokenRenewal,
      inject: [config, MEETING_POINT, RejectionBudget, AuthEvents],
      useFactory: (
        options: QuiqupAuthConfig,
        meetingPoint: MeetingPoint,
        budget: RejectionBudget,
        events: AuthEvents,
      ) =>
        createTokenRenewal(
          { config: options, meetingPoint, tokenClient: createTokenClient(options) },
          () => resolveCredentials(options),
          budget,
          events,
          account,
        ),
    },
    {
      provide: TokenRecovery,
      inject: [config, TokenRenewal, RejectionBudget, AuthEvents],
      useFactory: createTokenRecovery,
    },
    { provide: tokens, inject: [config, TokenRenewal, TokenRecovery, AuthEvents], useFactory: createTokenService },
    SCHEDULER_PROVIDER,
    {
      provide: TokenRefresher,
      inject: [config, TokenRenewal, AuthEvents, SCHEDULER],
      useFactory: (options: QuiqupAuthConfig, renewal: TokenRenewal, events: AuthEvents, registry: SchedulerRegistry) =>
        createTokenRefresher(options, renewal, events, registry, account),
    },
    {
      provide: TrustedOrigins,
      inject: [config],
      useFactory: ({ trustedOrigins }: QuiqupAuthConfig) => new TrustedOrigins(trustedOrigins),
    },
    {
      provide: AuthorizingAdapter,
      inject: [TrustedOrigins, TokenRenewal, TokenRecovery, tokens],
      useFactory: createAuthorizingAdapter,
    },
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
      provide: named(QuiqupHealthIndicator),
      inject: [TokenRenewal, MEETING_POINT],
      useFactory: (renewal: TokenRenewal, { store }: MeetingPoint) => new QuiqupHealthIndicator(renewal, store),
    },
  ];
  return [{ provide: ACCOUNT_NAME, useValue: name ?? null }, ...factories];
}

/** For accounts that come and go. */
export const ACCOUNTS_PROVIDERS: Provider[] = [
  SCHEDULER_PROVIDER,
  {
    provide: ACCOUNTS_CONFIG,
    inject: [ACCOUNTS_OPTIONS],
    useFactory: (options: () => QuiqupAccountsModuleOptions) => createQuiqupAccountsConfig(options),
  },
  {
    provide: QuiqupAccounts,
    inject: [ACCOUNTS_CONFIG, SCHEDULER],
    useFactory: async (config: QuiqupAccountsConfig, registry: SchedulerRegistry) => {
      const events = new AuthEvents<QuiqupAccountsEvent>();
      const meetingPoint = await createMeetingPoint(config.cache, config.timeouts.store, events.emit.bind(events));
      return new QuiqupAccounts(config, meetingPoint, registry, events);
    },
  },
];
