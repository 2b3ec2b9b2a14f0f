import { Module } from '@nestjs/common';
import { QuiqupAuthModule, quiqupAuthOptionsFromEnv } from 'nestjs-quiqup-auth';
import { ApiModule } from './api.module.js';

@Module({
  imports: [
    QuiqupAuthModule.forRootAsync({
      // axios by itself would wait for a response for ever.
      useFactory: () => ({ ...quiqupAuthOptionsFromEnv(process.env), http: { timeout: 10_000 } }),
    }),
    ApiModule,
  ],
})
export class AppModule {}
