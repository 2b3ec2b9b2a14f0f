import { Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { QuiqupAuthModuleAsyncOptions, QuiqupAuthModuleExtras, QuiqupAuthModuleOptions } from './config/index.js';
import { QuiqupConfigError } from './errors/index.js';
import { QuiqupAxiosInterceptor, QuiqupHttpService } from './http/index.js';
import { ConfigurableModuleClass } from './quiqup-auth.module-definition.js';
import { providers } from './quiqup-auth.providers.js';
import { QUIQUP_AUTH_CONFIG } from './quiqup-auth.tokens.js';
import { QuiqupTokenService } from './token/index.js';

/**
 * Gives every outgoing Quiqup call a valid bearer token. Register it once; the providers `QuiqupHttpService`,
 * `QuiqupTokenService` and `QuiqupAxiosInterceptor` can then be injected everywhere.
 */
@Module({
  providers,
  exports: [QUIQUP_AUTH_CONFIG, QuiqupTokenService, QuiqupAxiosInterceptor, QuiqupHttpService],
})
export class QuiqupAuthModule extends ConfigurableModuleClass implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {
    super();
  }

  /**
   * Registers the module with options that are known already.
   *
   * @example
   * ```ts
   * QuiqupAuthModule.forRoot(quiqupAuthOptionsFromEnv(process.env))
   * ```
   * @throws QuiqupConfigError at boot, with all that is wrong
   */
  static override forRoot(options: QuiqupAuthModuleOptions & QuiqupAuthModuleExtras): DynamicModule {
    // Without types, options can be missing; validation says so better than Nest would.
    const given: Partial<QuiqupAuthModuleOptions> | undefined = options;
    return super.forRoot({ ...given } as QuiqupAuthModuleOptions);
  }

  /**
   * Registers the module with options that a factory, a class or an existing provider yields.
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
   * @throws QuiqupConfigError at boot, with all that is wrong
   */
  static override forRootAsync(options: QuiqupAuthModuleAsyncOptions): DynamicModule {
    if (options.useFactory === undefined && options.useClass === undefined && options.useExisting === undefined) {
      throw new QuiqupConfigError([
        { path: 'forRootAsync', problem: 'needs one of useFactory, useClass and useExisting' },
      ]);
    }
    return super.forRootAsync(options);
  }

  /** Two keepers of one client's token would work against each other, and which of them is injected is chance. */
  onModuleInit(): void {
    const registered = [...this.modules.values()].filter(({ metatype }) => metatype === QuiqupAuthModule);
    if (registered.length > 1) {
      throw new QuiqupConfigError([
        {
          path: '',
          problem:
            `QuiqupAuthModule is registered ${registered.length} times in this application. ` +
            'Call forRoot or forRootAsync once, in the root module; its providers can be injected everywhere.',
        },
      ]);
    }
  }
}
