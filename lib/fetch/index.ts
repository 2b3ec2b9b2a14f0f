export { QuiqupFetchApi, QuiqupFetchService } from './quiqup-fetch.service.js';
