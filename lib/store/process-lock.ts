import type { LockLease, RefreshLock } from './refresh-lock.js';

/** For the whole process, so that two modules with one account see each other. */
const leases = new Map<string, LockLease>();

/** The lock of a store that only this process reads. */
export class ProcessLock implements RefreshLock {
  tryAcquire(key: string, lifeMs: number): Promise<LockLease | undefined> {
    if (leases.has(key)) {
      return Promise.resolve(undefined);
    }
    const end = (): void => {
      clearTimeout(timer);
      if (leases.get(key) === lease) {
        leases.delete(key);
      }
    };
    const timer = setTimeout(end, lifeMs);
    timer.unref();
    const lease: LockLease = {
      release: () => {
        end();
        return Promise.resolve();
      },
    };
    leases.set(key, lease);
    return Promise.resolve(lease);
  }
}
