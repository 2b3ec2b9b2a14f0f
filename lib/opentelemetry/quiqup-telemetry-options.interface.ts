import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** Options of {@link QuiqupTelemetryModule.forRoot}. */
export interface QuiqupTelemetryOptions {
  /** Creates the instruments. Default the global one when the application starts. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Creates the spans. Default the global one when the application starts. */
  readonly tracerProvider?: TracerProvider | undefined;
}
