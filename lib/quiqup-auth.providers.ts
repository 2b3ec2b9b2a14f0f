import type { FactoryProvider, Provider } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { createQuiqupAuthConfig, type QuiqupAuthConfig, type QuiqupAuthModuleOptions } from './config/index.js';
import { QuiqupHealthIndicator } from './health/index.js';
import { AuthorizingAdapter, QuiqupAxiosInterceptor, QuiqupHttpService, TrustedOrigins } from './http/index.js';
import {
  ACCOUNT_NAME,
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
  QuiqupTokenService,
  RejectionBudget,
  TokenAcquisition,
  TokenEndpoint,
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
      ) => {
        const acquisition = new TokenAcquisition(options, new TokenEndpoint(options, events), meetingPoint);
        return new TokenRenewal(options, acquisition, budget, events, `QuiqupAuth${account}`);
      },
    },
    {
      provide: TokenRecovery,
      inject: [config, TokenRenewal, RejectionBudget, AuthEvents],
      useFactory: (
        { timeouts }: QuiqupAuthConfig,
        renewal: TokenRenewal,
        budget: RejectionBudget,
        events: AuthEvents,
      ) => new TokenRecovery(renewal, budget, events, timeouts.wait),
    },
    {
      provide: tokens,
      inject: [config, TokenRenewal, TokenRecovery, AuthEvents],
      useFactory: (
        { timeouts }: QuiqupAuthConfig,
        renewal: TokenRenewal,
        recovery: TokenRecovery,
        events: AuthEvents,
      ) => new QuiqupTokenService(renewal, recovery, events, timeouts.wait),
    },
    {
      // The application's registry where it has one. Importing ScheduleModule here would run the application's own
      // jobs once more.
      provide: SCHEDULER,
      inject: [{ token: SchedulerRegistry, optional: true }],
      useFactory: (registry?: SchedulerRegistry) => registry ?? new SchedulerRegistry(),
    },
    {
      provide: TokenRefresher,
      inject: [config, TokenRenewal, AuthEvents, SCHEDULER],
      useFactory: (options: QuiqupAuthConfig, renewal: TokenRenewal, events: AuthEvents, registry: SchedulerRegistry) =>
        new TokenRefresher(options, renewal, events, registry, `quiqup-auth:refresh${account}`),
    },
    {
      provide: AuthorizingAdapter,
      inject: [config, TokenRenewal, TokenRecovery, tokens],
      useFactory: (
        { trustedOrigins }: QuiqupAuthConfig,
        renewal: TokenRenewal,
        recovery: TokenRecovery,
        service: QuiqupTokenService,
      ) => new AuthorizingAdapter(service, renewal, recovery, new TrustedOrigins(trustedOrigins)),
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
