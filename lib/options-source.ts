import { QuiqupConfigError } from './errors/index.js';

/**
 * Checks that an async registration names the source of its options. Untyped code may omit it.
 *
 * @throws {@link QuiqupConfigError}
 */
export function requireOptionsSource(
  method: string,
  source: { readonly useFactory?: unknown; readonly useClass?: unknown; readonly useExisting?: unknown },
): void {
  if (source.useFactory === undefined && source.useClass === undefined && source.useExisting === undefined) {
    throw new QuiqupConfigError([{ path: method, problem: 'needs one of useFactory, useClass and useExisting' }]);
  }
}
