import { Keyv } from 'keyv';
import { withDeadline, type Clock } from '../time/index.js';
import { decodeEntry } from './keyv-codec.js';
import { textOf } from './redis-client.js';
import { PROBE_TTL_MS, type FoundEntry, type SharedEntries } from './shared-entries.js';

export interface CacheEntriesOptions {
  /** Time limit of one command. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** The class names of memory stores, such as `CacheableMemory` and those over an LRU. */
const MEMORY_NAME = /Map$|Memory|LRU/i;

/** Whether the store keeps its entries in this process. */
function isMemory(keyv: Keyv): boolean {
  const store: unknown = keyv.store;
  return store instanceof Map || MEMORY_NAME.test(Object(store).constructor?.name ?? '');
}

export interface SharedStore {
  readonly keyv: Keyv;
  readonly isMemory: boolean;
}

/**
 * The store of a cache that instances may share: the last one, because a memory store comes before the shared one and
 * continues to return entries that another instance replaced long ago.
 */
export function sharedStoreOf(stores: readonly Keyv[]): SharedStore {
  const keyv = stores.findLast((store) => !isMemory(store)) ?? stores.at(-1) ?? new Keyv();
  return { keyv, isMemory: isMemory(keyv) };
}

/** A store other than Redis: the memory of this process, or another store that `Keyv` accepts. */
export class CacheEntries implements SharedEntries {
  constructor(
    private readonly keyv: Keyv,
    private readonly options: CacheEntriesOptions,
  ) {}

  async read(key: string): Promise<FoundEntry | undefined> {
    const value = await this.inTime(() => this.valueOf(key));
    return value === undefined || value === null ? undefined : { value, leftMs: undefined };
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    if (!(await this.inTime(() => this.keyv.set(key, value, ttlMs)))) {
      throw new Error('the entry was not stored');
    }
  }

  async remove(key: string): Promise<void> {
    await this.inTime(() => this.keyv.delete(key));
  }

  async probe(key: string): Promise<void> {
    await this.write(key, '', PROBE_TTL_MS);
    await this.read(key);
    await this.remove(key);
  }

  private async valueOf(key: string): Promise<unknown> {
    let found: unknown;
    try {
      found = await this.keyv.get(key, { raw: true });
    } catch (error) {
      // A value that cannot be decoded looks like a failed store. A store that answers has not failed.
      await this.askStore(key, error);
      return '';
    }
    const text = ArrayBuffer.isView(found) ? textOf(found) : undefined;
    if (text !== undefined) {
      return decodeEntry(this.keyv, text);
    }
    return typeof found === 'object' && found !== null && 'value' in found ? found.value : found;
  }

  private async askStore(key: string, error: unknown): Promise<void> {
    const store: unknown = this.keyv.store;
    if (typeof (store as Partial<Map<string, unknown>> | undefined)?.get !== 'function') {
      throw error;
    }
    await (store as Map<string, unknown>).get(key);
  }

  private inTime<T>(command: () => Promise<T>): Promise<T> {
    return withDeadline(Promise.resolve().then(command), this.options.timeoutMs, this.options.clock);
  }
}
