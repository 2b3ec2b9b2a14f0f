export { QuiqupTelemetryModule } from './quiqup-telemetry.module.js';
export type { QuiqupTelemetryOptions } from './quiqup-telemetry-options.interface.js';
