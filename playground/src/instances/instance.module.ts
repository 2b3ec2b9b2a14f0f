import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { FulfilmentModule } from 'sample-app/fulfilment/fulfilment.module.js';
import { LastMileModule } from 'sample-app/last-mile/last-mile.module.js';
import { InstanceReporter } from './instance-reporter.js';
import { LoadGenerator } from './load-generator.js';

/** Makes the application an observed instance. */
@Module({
  imports: [CallsModule, FulfilmentModule, LastMileModule],
  providers: [InstanceReporter, LoadGenerator],
  exports: [InstanceReporter, LoadGenerator],
})
export class InstanceModule {}
