import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** Options of {@link QuiqupTelemetryModule.forRoot}. */
export interface QuiqupTelemetryOptions {
  /** Default the global one, as it is when the application starts. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Default the global one. */
  readonly tracerProvider?: TracerProvider | undefined;
}
