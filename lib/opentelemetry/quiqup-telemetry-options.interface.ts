import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** Options of {@link QuiqupTelemetryModule.forRoot}. */
export interface QuiqupTelemetryOptions {
  /** Makes the instruments. Default the global one, as it is when the application starts. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Makes the spans. Default the global one, as it is when the application starts. */
  readonly tracerProvider?: TracerProvider | undefined;
}
