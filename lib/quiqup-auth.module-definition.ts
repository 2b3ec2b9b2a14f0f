import { ConfigurableModuleBuilder, type Provider } from '@nestjs/common';
import type { QuiqupAuthModuleExtras, QuiqupAuthModuleOptions } from './config/index.js';
import { exportsOf, providersOf } from './quiqup-auth.providers.js';
import { MODULE_OPTIONS } from './quiqup-auth.tokens.js';

/** Nest keeps what its providers are made of, within reach of whatever prints one of its objects. */
function hideOptions(provider: Provider): Provider {
  if (!('provide' in provider) || provider.provide !== MODULE_OPTIONS) {
    return provider;
  }
  if ('useValue' in provider) {
    const options = provider.useValue as QuiqupAuthModuleOptions;
    return { ...provider, useValue: () => options };
  }
  if ('useFactory' in provider) {
    const { useFactory } = provider;
    return {
      ...provider,
      useFactory: async (...injected: unknown[]) => {
        const options = (await useFactory(...injected)) as QuiqupAuthModuleOptions;
        return () => options;
      },
    };
  }
  return provider;
}

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<QuiqupAuthModuleOptions>({
  optionsInjectionToken: MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQuiqupAuthOptions')
  .setExtras<QuiqupAuthModuleExtras>({ isGlobal: true, name: undefined }, (definition, { isGlobal, name }) => ({
    ...definition,
    global: isGlobal !== false,
    // An empty name counts as left out, as with the options.
    providers: [...(definition.providers ?? []).map(hideOptions), ...providersOf(name || undefined)],
    exports: exportsOf(name || undefined),
  }))
  .build();
