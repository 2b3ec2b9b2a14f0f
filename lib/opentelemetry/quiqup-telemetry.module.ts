import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { metrics, trace } from '@opentelemetry/api';
import { QuiqupConfigError } from '../errors/index.js';
import { AccountMetrics } from './account-metrics.js';
import { observedAccounts } from './observed-account.js';
import type { QuiqupTelemetryOptions } from './quiqup-telemetry-options.interface.js';
import { recordTokenRequest } from './token-request-span.js';

const OPTIONS = Symbol.for('QUIQUP_TELEMETRY_OPTIONS');
const SCOPE = 'nestjs-quiqup-auth';

/**
 * Sends metrics and spans of all accounts to OpenTelemetry, including named accounts and accounts from a database. Import
 * it once, in the root module, and register the SDK before you create the application. Metrics and spans contain no
 * secret, no token and no client id.
 *
 * @example
 * ```ts
 * @Module({ imports: [QuiqupAuthModule.forRoot(options), QuiqupTelemetryModule] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class QuiqupTelemetryModule implements OnModuleInit, OnApplicationShutdown {
  private instruments: AccountMetrics | undefined;

  constructor(
    private readonly modules: ModulesContainer,
    @Optional() @Inject(OPTIONS) private readonly options: QuiqupTelemetryOptions = {},
  ) {}

  /**
   * Uses the given providers instead of the global ones.
   *
   * @example
   * ```ts
   * QuiqupTelemetryModule.forRoot({ meterProvider })
   * ```
   */
  static forRoot(options: QuiqupTelemetryOptions = {}): DynamicModule {
    return { module: QuiqupTelemetryModule, providers: [{ provide: OPTIONS, useValue: options }] };
  }

  /** Before the bootstrap, so that the first token is not missed. */
  onModuleInit(): void {
    this.throwIfImportedTwice();
    const { meterProvider = metrics.getMeterProvider(), tracerProvider = trace.getTracerProvider() } = this.options;
    const tracer = tracerProvider.getTracer(SCOPE);
    const accounts = observedAccounts(this.modules);
    const instruments = new AccountMetrics(meterProvider.getMeter(SCOPE), accounts);
    this.instruments = instruments;
    for (const account of accounts) {
      // Completes at shutdown.
      account.events$.subscribe((event) => {
        instruments.record(event, account);
        if (event.type === 'token-request') {
          recordTokenRequest(tracer, event, account);
        }
      });
    }
  }

  onApplicationShutdown(): void {
    this.instruments?.close();
  }

  /** With and without `forRoot` are two modules to Nest, and everything would be counted twice. */
  private throwIfImportedTwice(): void {
    const count = [...this.modules.values()].filter(({ metatype }) => metatype === QuiqupTelemetryModule).length;
    if (count > 1) {
      const problem = `QuiqupTelemetryModule is imported in ${count} ways in this application. Import it once, in the root module.`;
      throw new QuiqupConfigError([{ path: '', problem }]);
    }
  }
}
