import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { FulfilmentModule } from './fulfilment/fulfilment.module.js';
import { HealthController } from './health/health.controller.js';
import { LastMileModule } from './last-mile/last-mile.module.js';
import { QuiqupErrorFilter } from './quiqup-error.filter.js';

/** The application's own API. */
@Module({
  // The log of QuiqupAuthModule contains what the report says.
  imports: [FulfilmentModule, LastMileModule, TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [{ provide: APP_FILTER, useClass: QuiqupErrorFilter }],
})
export class ApiModule {}
