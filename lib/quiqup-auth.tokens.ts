import { Inject } from '@nestjs/common';
import type { QuiqupFetchService } from './fetch/index.js';
import type { QuiqupHealthIndicator } from './health/index.js';
import type { QuiqupAxiosInterceptor, QuiqupHttpService } from './http/index.js';
import type { QuiqupTokenService } from './token/index.js';

/** Injects the validated options with every default: `QuiqupAuthConfig`. */
export const QUIQUP_AUTH_CONFIG = Symbol.for('QUIQUP_AUTH_CONFIG');

/** Injection tokens of internal providers. */
// A symbol, because a string would clash with another module's string of the same name.
export const MODULE_OPTIONS = Symbol.for('QUIQUP_AUTH_MODULE_OPTIONS');
/** Instead of options: they are read from the environment when the provider is created. */
export const FROM_ENVIRONMENT = Symbol.for('QUIQUP_OPTIONS_FROM_ENVIRONMENT');
export const ACCOUNTS_OPTIONS = Symbol.for('QUIQUP_ACCOUNTS_OPTIONS');
export const ACCOUNTS_CONFIG = Symbol.for('QUIQUP_ACCOUNTS_CONFIG');
export const ACCOUNT_NAME = Symbol.for('QUIQUP_ACCOUNT_NAME');
export const COORDINATION = Symbol.for('QUIQUP_COORDINATION');
export const SCHEDULER = Symbol.for('QUIQUP_SCHEDULER');

/** The module's providers, once for each account. */
export type QuiqupProvider =
  | typeof QuiqupTokenService
  | typeof QuiqupAxiosInterceptor
  | typeof QuiqupHttpService
  | typeof QuiqupFetchService
  | typeof QuiqupHealthIndicator
  | typeof QUIQUP_AUTH_CONFIG;

/**
 * Returns the injection token of an account's provider, for `inject`, `moduleRef.get` and `overrideProvider`.
 *
 * @param provider the class, or `QUIQUP_AUTH_CONFIG`
 * @param name the name of the account, as given to `forRoot` or `forRootAsync`; without it, `provider` itself is the token
 * @example
 * ```ts
 * { provide: Dubai, inject: [getQuiqupProviderToken(QuiqupHttpService, 'dubai')], useFactory: (http) => new Dubai(http) }
 * ```
 */
export function getQuiqupProviderToken(provider: QuiqupProvider, name?: string): QuiqupProvider | string {
  if (name === undefined) {
    return provider;
  }
  return `${typeof provider === 'symbol' ? String(provider.description) : provider.name}:${name}`;
}

/**
 * Injects the provider of a named account.
 *
 * @example
 * ```ts
 * constructor(@InjectQuiqup(QuiqupHttpService, 'dubai') private readonly dubai: QuiqupHttpService) {}
 * ```
 */
export function InjectQuiqup(provider: QuiqupProvider, name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getQuiqupProviderToken(provider, name));
}
