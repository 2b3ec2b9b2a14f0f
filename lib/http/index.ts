export { axios } from './nest-axios.js';
export { AuthorizingAdapter } from './authorizing-adapter.js';
export { isOneShotBody } from './bodies.js';
export { QuiqupAxiosInterceptor } from './quiqup-axios.interceptor.js';
export { QuiqupHttpService } from './quiqup-http.service.js';
export { TrustedOrigins } from './trusted-origins.js';
