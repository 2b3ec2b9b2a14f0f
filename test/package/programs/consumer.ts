import { Injectable, Module } from '@nestjs/common';
import {
  getQuiqupProviderToken,
  InjectQuiqup,
  QuiqupAccounts,
  QuiqupAuthError,
  QuiqupAuthModule,
  QuiqupAxiosInterceptor,
  QuiqupFetchService,
  QuiqupHealthIndicator,
  QuiqupHttpService,
  QuiqupTokenService,
  quiqupAuthOptionsFromEnv,
  type QuiqupAuthEvent,
  type QuiqupAuthModuleOptions,
} from 'nestjs-quiqup-auth';
import { QuiqupTelemetryModule } from 'nestjs-quiqup-auth/opentelemetry';
import { QuiqupAuthTestingModule, QuiqupSimulator } from 'nestjs-quiqup-auth/testing';

@Injectable()
export class Consumer {
  constructor(
    private readonly http: QuiqupHttpService,
    private readonly tokens: QuiqupTokenService,
    private readonly accounts: QuiqupAccounts,
    private readonly quiqup: QuiqupFetchService,
    readonly interceptor: QuiqupAxiosInterceptor,
    @InjectQuiqup(QuiqupHealthIndicator, 'dubai') readonly health: QuiqupHealthIndicator,
  ) {
    tokens.events$.subscribe((event: QuiqupAuthEvent) => {
      if (event.type === 'renewal-failed') {
        const code: string = event.error.code;
        throw new TypeError(code);
      }
    });
  }

  async use(): Promise<number> {
    const { tokens, http } = await this.accounts.get('merchant-42');
    const response: Response = await this.quiqup.lastMile.fetch('/orders', { method: 'POST', body: '{}' });
    if (!response.ok) {
      throw new TypeError(await response.text());
    }
    await this.tokens.reject(await tokens.getAccessToken({ signal: AbortSignal.timeout(1_000) }));
    const { data } = await http.axiosRef.get<{ id: number }>('/api/fulfilment/orders');
    try {
      return (await this.http.axiosRef.get<number>('/count')).data + data.id;
    } catch (error) {
      return error instanceof QuiqupAuthError && error.retryable ? 1 : 0;
    }
  }
}

const options: QuiqupAuthModuleOptions = { environment: 'staging', clientId: 'id', clientSecret: async () => 'secret' };

@Module({
  imports: [
    QuiqupAuthModule.forRoot({ name: 'dubai', ...options }),
    QuiqupAuthModule.forRootAsync({ useFactory: () => quiqupAuthOptionsFromEnv(process.env) }),
    QuiqupAuthModule.forAccounts({
      environment: 'production',
      resolveCredentials: (id) => ({ clientId: id, clientSecret: 'secret' }),
    }),
    QuiqupAuthTestingModule.forSimulator(new QuiqupSimulator({ policy: 'revoke', lifetime: 3_600 })),
    QuiqupTelemetryModule,
  ],
  providers: [
    Consumer,
    {
      provide: 'dubai',
      inject: [getQuiqupProviderToken(QuiqupHttpService, 'dubai')],
      useFactory: (http: QuiqupHttpService) => http,
    },
  ],
})
export class ConsumerModule {}
