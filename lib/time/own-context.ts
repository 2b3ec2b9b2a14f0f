import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Runs the work in the package's own async context, which it takes when it is loaded, before
 * there is a call. Otherwise shared work would keep the first call's objects alive, log under its request and
 * join its trace.
 */
export const inOwnContext: <R>(work: () => R) => R = AsyncLocalStorage.snapshot();
