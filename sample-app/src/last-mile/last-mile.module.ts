import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { LastMileController } from './last-mile.controller.js';
import { LastMileService } from './last-mile.service.js';

@Module({
  imports: [CallsModule],
  controllers: [LastMileController],
  providers: [LastMileService],
  exports: [LastMileService],
})
export class LastMileModule {}
