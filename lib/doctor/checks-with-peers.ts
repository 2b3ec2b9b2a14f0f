export { checkEnvironment } from './check-environment.js';
export { checkCredentials, checkHosts } from './check-quiqup.js';
export { checkRedis } from './check-redis.js';
