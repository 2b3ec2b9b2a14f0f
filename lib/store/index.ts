export { AccountVault } from './account-vault.js';
export { CacheTokenStore } from './cache-token-store.js';
export { withDeadline } from './deadline.js';
export { ProcessLock } from './process-lock.js';
export { createRedisCache } from './redis-cache.js';
export type { LockLease, RefreshLock } from './refresh-lock.js';
export type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from './store-state.js';
export type { TokenEntry } from './token-entry.js';
export type { TokenStore } from './token-store.js';
