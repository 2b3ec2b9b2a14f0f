export { checkEnvironment } from './check-environment.js';
export { checkCredentials, checkHost } from './check-quiqup.js';
export { checkRedis } from './check-redis.js';
