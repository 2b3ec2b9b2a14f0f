export { AccountVault } from './account-vault.js';
export { withDeadline } from './deadline.js';
export { createMeetingPoint, type MeetingPoint } from './meeting-point.js';
export { tryOutRedis } from './redis-trial.js';
export type { LockLease, RefreshLock } from './refresh-lock.js';
export { shareMeetingPoint } from './shared-meeting-point.js';
export type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from './store-state.js';
export { CLOCK_TOLERANCE_MS, type StoredRecord, type StoredRecords } from './stored-records.js';
export type { TokenStore } from './token-store.js';
