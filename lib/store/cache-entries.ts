import type { Cache } from 'cache-manager';
import { PROBE_TTL_MS, type FoundEntry, type SharedEntries } from './shared-entries.js';

/** A cache without Redis: the memory of this process, or whatever else cache-manager takes. */
export class CacheEntries implements SharedEntries {
  constructor(private readonly cache: Cache) {}

  async read(key: string): Promise<FoundEntry | undefined> {
    const value: unknown = await this.cache.get(key);
    return value === undefined || value === null ? undefined : { value, leftMs: undefined };
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    await this.cache.set(key, value, ttlMs);
  }

  async remove(key: string): Promise<void> {
    await this.cache.del(key);
  }

  async probe(key: string): Promise<void> {
    await this.write(key, '', PROBE_TTL_MS);
    await this.read(key);
  }
}
