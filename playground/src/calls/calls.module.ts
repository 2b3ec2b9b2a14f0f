import { Module } from '@nestjs/common';
import { CallLog } from './call-log.js';

@Module({
  providers: [CallLog],
  exports: [CallLog],
})
export class CallsModule {}
