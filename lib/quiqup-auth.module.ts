import { Inject, Module, Optional, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type {
  QuiqupAccountsModuleAsyncOptions,
  QuiqupAccountsModuleExtras,
  QuiqupAccountsModuleOptions,
  QuiqupAuthModuleAsyncOptions,
  QuiqupAuthModuleExtras,
  QuiqupAuthModuleOptions,
} from './config/index.js';
import { QuiqupConfigError } from './errors/index.js';
import { requireOptionsSource } from './options-source.js';
import { QuiqupAccountsModule } from './quiqup-accounts.module.js';
import { ConfigurableModuleClass } from './quiqup-auth.module-definition.js';
import { ACCOUNT_NAME, FROM_ENVIRONMENT, MODULE_OPTIONS } from './quiqup-auth.tokens.js';

/**
 * Gives every outgoing Quiqup call a valid bearer token. Register it once for each account. Then inject
 * `QuiqupHttpService`, `QuiqupTokenService`, `QuiqupAxiosInterceptor` and `QuiqupHealthIndicator` everywhere, those of a
 * named account with `InjectQuiqup`.
 */
@Module({})
export class QuiqupAuthModule extends ConfigurableModuleClass implements OnModuleInit {
  constructor(
    private readonly modules: ModulesContainer,
    @Optional() @Inject(ACCOUNT_NAME) private readonly name?: string | null,
  ) {
    super();
    if (name === undefined) {
      requireRegistration(modules);
    }
  }

  /**
   * Registers the module with the given options. Without options, it reads those of `quiqupAuthOptionsFromEnv` from
   * `process.env` when Nest creates the providers, so a `.env` file that `ConfigModule` reads works.
   *
   * @example
   * ```ts
   * QuiqupAuthModule.forRoot()
   * ```
   * @throws QuiqupConfigError at boot, with all problems
   */
  static override forRoot(options?: QuiqupAuthModuleOptions & QuiqupAuthModuleExtras): DynamicModule {
    const definition = super.forRoot({ ...options } as QuiqupAuthModuleOptions);
    if (options !== undefined) {
      return definition;
    }
    const fromEnvironment = { provide: MODULE_OPTIONS, useValue: FROM_ENVIRONMENT };
    return { ...definition, providers: [...(definition.providers ?? []), fromEnvironment] };
  }

  /**
   * Registers the module with options from a factory, a class or an existing provider.
   *
   * @example
   * ```ts
   * QuiqupAuthModule.forRootAsync({
   *   imports: [ConfigModule],
   *   inject: [ConfigService],
   *   useFactory: (env: ConfigService) => ({
   *     environment: 'production',
   *     clientId: env.getOrThrow('QUIQUP_CLIENT_ID'),
   *     clientSecret: env.getOrThrow('QUIQUP_CLIENT_SECRET'),
   *     cache: { redis: env.get('REDIS_URL') },
   *   }),
   * })
   * ```
   * @throws QuiqupConfigError at boot, with all problems
   */
  static override forRootAsync(options: QuiqupAuthModuleAsyncOptions): DynamicModule {
    requireOptionsSource('forRootAsync', options);
    return super.forRootAsync(options);
  }

  /**
   * Registers `QuiqupAccounts`: accounts from a database, each created at first use. It works beside `forRoot`.
   *
   * @example
   * ```ts
   * QuiqupAuthModule.forAccounts({
   *   environment: 'production',
   *   cache: { redis: process.env.REDIS_URL },
   *   resolveCredentials: (merchantId) => merchants.findCredentials(merchantId),
   * })
   * ```
   * @throws QuiqupConfigError at boot, with all problems
   */
  static forAccounts(options: QuiqupAccountsModuleOptions & QuiqupAccountsModuleExtras): DynamicModule {
    return QuiqupAccountsModule.forAccounts(options);
  }

  /**
   * Registers `QuiqupAccounts` with options from a factory, a class or an existing provider.
   *
   * @example
   * ```ts
   * QuiqupAuthModule.forAccountsAsync({
   *   imports: [MerchantsModule],
   *   inject: [Merchants],
   *   useFactory: (merchants: Merchants) => ({
   *     environment: 'production',
   *     resolveCredentials: (merchantId) => merchants.findCredentials(merchantId),
   *   }),
   * })
   * ```
   * @throws QuiqupConfigError at boot, with all problems
   */
  static forAccountsAsync(options: QuiqupAccountsModuleAsyncOptions): DynamicModule {
    return QuiqupAccountsModule.forAccountsAsync(options);
  }

  /** Two modules for the same account would work against each other, and the injected one would be random. */
  onModuleInit(): void {
    if (this.name === undefined) {
      return;
    }
    const names = registrationsIn(this.modules).map(
      ({ providers }) => providers.get(ACCOUNT_NAME)?.instance as string | null,
    );
    const count = names.filter((name) => name === this.name).length;
    if (count > 1) {
      throw new QuiqupConfigError([{ path: '', problem: problemOf(this.name, count) }]);
    }
  }
}

/** The modules of `forRoot` and `forRootAsync`. */
function registrationsIn(modules: ModulesContainer): NonNullable<ReturnType<ModulesContainer['get']>>[] {
  return [...modules.values()].filter(
    ({ metatype, providers }) => metatype === QuiqupAuthModule && providers.has(ACCOUNT_NAME),
  );
}

/** Fails without a registration. The class itself may be imported besides one, which does nothing. */
function requireRegistration(modules: ModulesContainer): void {
  if (registrationsIn(modules).length === 0) {
    const problem =
      'is imported without options. Import QuiqupAuthModule.forRoot() or QuiqupAuthModule.forRootAsync({ ... }) once, ' +
      'in the root module';
    throw new QuiqupConfigError([{ path: 'QuiqupAuthModule', problem }]);
  }
}

function problemOf(name: string | null, count: number): string {
  return name === null
    ? `QuiqupAuthModule is registered ${count} times in this application. Call forRoot or forRootAsync once, in the ` +
        'root module; its providers can be injected everywhere. Give each further account a name of its own.'
    : `QuiqupAuthModule is registered ${count} times with the name '${name}' in this application. Give each account a ` +
        'name of its own, and register it once.';
}
