import { Module } from '@nestjs/common';
import { LastMileController } from './last-mile.controller.js';
import { LastMileService } from './last-mile.service.js';

@Module({
  controllers: [LastMileController],
  providers: [LastMileService],
  exports: [LastMileService],
})
export class LastMileModule {}
