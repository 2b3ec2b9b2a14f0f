import type { Clock, Random } from '../time/index.js';
import type { LockAttempt, RefreshLock } from './refresh-lock.js';

/** The holder of each key. For the whole process, so that two modules with the same account see each other. */
const owners = new Map<string, string>();

/** The lock for a store that only this process reads. */
export class ProcessLock implements RefreshLock {
  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  tryAcquire(key: string, lifeMs: number): Promise<LockAttempt> {
    const heldBy = owners.get(key);
    if (heldBy !== undefined) {
      return Promise.resolve({ heldBy });
    }
    const { clock } = this;
    const takenAt = clock.now();
    const owner = this.random.id();
    const end = (): void => {
      clock.clearTimeout(timer);
      if (owners.get(key) === owner) {
        owners.delete(key);
      }
    };
    const timer = clock.setTimeout(end, lifeMs);
    timer.unref();
    owners.set(key, owner);
    const lease = {
      get ageMs() {
        return clock.now() - takenAt;
      },
      release: () => {
        end();
        return Promise.resolve();
      },
    };
    return Promise.resolve({ lease });
  }
}
