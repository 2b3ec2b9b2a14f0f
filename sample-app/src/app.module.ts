import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { QuiqupAuthModule, type QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import { FulfilmentModule } from './fulfilment/fulfilment.module.js';
import { HealthController } from './health/health.controller.js';
import { LastMileModule } from './last-mile/last-mile.module.js';
import { QuiqupErrorFilter } from './quiqup-error.filter.js';

@Module({
  // What the report says, the module has said in the log.
  imports: [FulfilmentModule, LastMileModule, TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [{ provide: APP_FILTER, useClass: QuiqupErrorFilter }],
})
export class AppModule {
  static forRoot(quiqup: QuiqupAuthModuleOptions): DynamicModule {
    return {
      module: AppModule,
      // axios by itself would wait for an answer for ever.
      imports: [QuiqupAuthModule.forRoot({ http: { timeout: 10_000 }, ...quiqup })],
    };
  }
}
