import { ConfigurableModuleBuilder, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { QuiqupAccounts } from './accounts/index.js';
import type {
  QuiqupAccountsModuleAsyncOptions,
  QuiqupAccountsModuleExtras,
  QuiqupAccountsModuleOptions,
} from './config/index.js';
import { QuiqupConfigError } from './errors/index.js';
import { hideOptions } from './hide-options.js';
import { requireOptionsSource } from './options-source.js';
import { ACCOUNTS_PROVIDERS } from './quiqup-auth.providers.js';
import { ACCOUNTS_OPTIONS } from './quiqup-auth.tokens.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<QuiqupAccountsModuleOptions>({
  optionsInjectionToken: ACCOUNTS_OPTIONS,
})
  .setClassMethodName('forAccounts')
  .setFactoryMethodName('createQuiqupAccountsOptions')
  .setExtras<QuiqupAccountsModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
    ...definition,
    global: isGlobal !== false,
    providers: [...hideOptions(definition.providers, ACCOUNTS_OPTIONS), ...ACCOUNTS_PROVIDERS],
    exports: [QuiqupAccounts],
  }))
  .build();

/** The module of `QuiqupAuthModule.forAccounts`. */
@Module({})
export class QuiqupAccountsModule extends ConfigurableModuleClass implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {
    super();
  }

  static override forAccounts(options: QuiqupAccountsModuleOptions & QuiqupAccountsModuleExtras): DynamicModule {
    // Untyped code may omit the options. The validation reports that more clearly than Nest.
    const given: Partial<QuiqupAccountsModuleOptions> | undefined = options;
    return super.forAccounts({ ...given } as QuiqupAccountsModuleOptions);
  }

  static override forAccountsAsync(options: QuiqupAccountsModuleAsyncOptions): DynamicModule {
    requireOptionsSource('forAccountsAsync', options);
    return super.forAccountsAsync(options);
  }

  /** Two modules for the same account would work against each other. */
  onModuleInit(): void {
    const count = [...this.modules.values()].filter(({ metatype }) => metatype === QuiqupAccountsModule).length;
    if (count > 1) {
      throw new QuiqupConfigError([
        {
          path: '',
          problem: `forAccounts is called ${count} times in this application. Call it once, in the root module.`,
        },
      ]);
    }
  }
}
