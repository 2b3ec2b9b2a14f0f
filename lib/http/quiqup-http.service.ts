import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import type { QuiqupAuthConfig } from '../config/index.js';
import type { QuiqupAxiosInterceptor } from './quiqup-axios.interceptor.js';

/**
 * An `HttpService` whose calls go to Quiqup with a valid token. Paths are relative to the platform API; the last-mile
 * hosts are called with absolute URLs.
 *
 * @example
 * ```ts
 * constructor(private readonly quiqup: QuiqupHttpService) {}
 *
 * create(order: Order) {
 *   return firstValueFrom(this.quiqup.post('/orders', order));
 * }
 * ```
 */
export class QuiqupHttpService extends HttpService {
  /** @internal */
  constructor(config: QuiqupAuthConfig, interceptor: QuiqupAxiosInterceptor) {
    super(axios.create({ ...config.http, baseURL: config.baseUrl }));
    interceptor.attach(this);
  }
}
