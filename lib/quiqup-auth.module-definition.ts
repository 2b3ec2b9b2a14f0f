import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { QuiqupAuthModuleExtras, QuiqupAuthModuleOptions } from './config/index.js';
import { hideOptions } from './hide-options.js';
import { exportsOf, providersOf } from './quiqup-auth.providers.js';
import { MODULE_OPTIONS } from './quiqup-auth.tokens.js';

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<QuiqupAuthModuleOptions>({
  optionsInjectionToken: MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQuiqupAuthOptions')
  .setExtras<QuiqupAuthModuleExtras>({ isGlobal: true, name: undefined }, (definition, { isGlobal, name }) => ({
    ...definition,
    global: isGlobal !== false,
    // An empty name counts as omitted, as with the options.
    providers: [...hideOptions(definition.providers, MODULE_OPTIONS), ...providersOf(name || undefined)],
    exports: exportsOf(name || undefined),
  }))
  .build();
