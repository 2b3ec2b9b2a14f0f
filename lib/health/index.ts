export type {
  QuiqupHealth,
  QuiqupHealthReason,
  QuiqupHealthRenewal,
  QuiqupHealthStatus,
  QuiqupHealthStore,
  QuiqupHealthToken,
} from './quiqup-health.js';
export { QuiqupHealthIndicator, type QuiqupHealthCheckOptions } from './quiqup-health.indicator.js';
