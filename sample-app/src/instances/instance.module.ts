import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { InstanceReporter } from './instance-reporter.js';
import { LoadGenerator } from './load-generator.js';

/** What makes the application one of several that are watched. */
@Module({
  imports: [CallsModule, OrdersModule],
  providers: [InstanceReporter, LoadGenerator],
  exports: [InstanceReporter, LoadGenerator],
})
export class InstanceModule {}
