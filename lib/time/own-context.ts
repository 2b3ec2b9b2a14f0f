import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Runs the work in the package's own async context, which is nobody's: it is taken when the package is loaded, before
 * there is a call. What serves everybody would otherwise keep alive what the first call held, log under its request and
 * join its trace.
 */
export const inOwnContext: <R>(work: () => R) => R = AsyncLocalStorage.snapshot();
