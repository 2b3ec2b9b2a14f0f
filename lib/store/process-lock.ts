import { randomUUID } from 'node:crypto';
import type { LockAttempt, RefreshLock } from './refresh-lock.js';

/** By key, who has it. For the whole process, so that two modules with one account see each other. */
const owners = new Map<string, string>();

/** The lock of a store that only this process reads. */
export class ProcessLock implements RefreshLock {
  tryAcquire(key: string, lifeMs: number): Promise<LockAttempt> {
    const heldBy = owners.get(key);
    if (heldBy !== undefined) {
      return Promise.resolve({ heldBy });
    }
    const takenAt = performance.now();
    const owner = randomUUID();
    const end = (): void => {
      clearTimeout(timer);
      if (owners.get(key) === owner) {
        owners.delete(key);
      }
    };
    const timer = setTimeout(end, lifeMs);
    timer.unref();
    owners.set(key, owner);
    const lease = {
      get ageMs() {
        return performance.now() - takenAt;
      },
      release: () => {
        end();
        return Promise.resolve();
      },
    };
    return Promise.resolve({ lease });
  }
}
