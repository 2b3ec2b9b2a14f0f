import { QuiqupConfigError } from '../errors/index.js';
import type { QuiqupSharedConfig } from './quiqup-auth.config.js';

/**
 * The base URL of the last-mile API.
 *
 * @throws QuiqupConfigError on the mock environment, which has none
 */
export function lastMileUrlOf({ environment, lastMileUrl }: QuiqupSharedConfig): string {
  if (lastMileUrl === undefined) {
    throw new QuiqupConfigError([
      {
        path: 'environment',
        problem: `'${environment}' has no last-mile API. Use staging, or a baseUrl such as that of the simulator`,
      },
    ]);
  }
  return lastMileUrl;
}
