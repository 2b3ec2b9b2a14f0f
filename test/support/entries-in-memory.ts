import type { FoundEntry, SharedEntries } from '../../lib/store/shared-entries.js';
import type { Clock } from '../../lib/time/index.js';

/** Entries that end as those in Redis do. */
export class EntriesInMemory implements SharedEntries {
  readonly kept = new Map<string, { value: string; endsAt: number }>();
  isBroken = false;

  constructor(private readonly clock: Clock) {}

  read(key: string): Promise<FoundEntry | undefined> {
    const { value = '', endsAt = 0 } = this.kept.get(key) ?? {};
    const leftMs = endsAt - this.clock.now();
    return this.answer(leftMs > 0 ? { value, leftMs } : undefined);
  }

  write(key: string, value: string, ttlMs: number): Promise<void> {
    this.kept.set(key, { value, endsAt: this.clock.now() + ttlMs });
    return this.answer(undefined);
  }

  remove(key: string): Promise<void> {
    this.kept.delete(key);
    return this.answer(undefined);
  }

  probe(): Promise<void> {
    return this.answer(undefined);
  }

  /** How long each has left. */
  get leftMs(): number[] {
    return [...this.kept.values()].map(({ endsAt }) => endsAt - this.clock.now());
  }

  private answer<T>(found: T): Promise<T> {
    return this.isBroken ? Promise.reject(new Error('broken')) : Promise.resolve(found);
  }
}
