import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { QuiqupAuthModuleExtras, QuiqupAuthModuleOptions } from './config/index.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<QuiqupAuthModuleOptions>(
  {
    // A symbol: a string would meet that of another module of the same name.
    optionsInjectionToken: Symbol('QUIQUP_AUTH_MODULE_OPTIONS'),
  },
)
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQuiqupAuthOptions')
  .setExtras<QuiqupAuthModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
    ...definition,
    global: isGlobal !== false,
  }))
  .build();
