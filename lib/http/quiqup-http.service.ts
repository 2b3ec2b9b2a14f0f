import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import type { QuiqupSharedConfig } from '../config/index.js';
import type { AuthorizingAdapter } from './authorizing-adapter.js';

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
  constructor(config: QuiqupSharedConfig, adapter: AuthorizingAdapter) {
    super(axios.create({ ...config.http, baseURL: config.baseUrl }));
    this.axiosRef.interceptors.request.use((call) => adapter.wrap(call), undefined, { synchronous: true });
  }
}
