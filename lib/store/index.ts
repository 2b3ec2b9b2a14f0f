export { createCoordination, type Coordination } from './coordination.js';
export { RecordSealer } from './record-sealer.js';
export { probeRedis } from './redis-probe.js';
export { reasonOf } from './store-reason.js';
export type { LockLease, RefreshLock } from './refresh-lock.js';
export type { QuiqupStoreBackEvent, QuiqupStoreLostEvent, StoreListener } from './store-state.js';
export { CLOCK_TOLERANCE_MS, type StoredRecord } from './stored-records.js';
export type { TokenStore } from './token-store.js';
