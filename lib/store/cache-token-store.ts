import { systemClock, type Clock } from '../time/index.js';
import type { RecordSealer } from './record-sealer.js';
import type { SharedEntries } from './shared-entries.js';
import { StoreCircuitBreaker, type StoreCircuitBreakerOptions } from './store-circuit-breaker.js';
import {
  parseRecord,
  serializeRecord,
  type RecordKind,
  type StoredRecord,
  type StoredRecords,
} from './stored-records.js';
import type { TokenStore } from './token-store.js';

/** The store over cache-manager: sealed records behind a circuit breaker. */
export class CacheTokenStore implements TokenStore {
  private readonly unreadable = new Set<RecordKind>();
  /** A `#` field: a printed Redis client shows its password. */
  readonly #entries: SharedEntries;
  private probeKey = '';
  readonly breaker: StoreCircuitBreaker;

  constructor(
    entries: SharedEntries,
    private readonly options: Omit<StoreCircuitBreakerOptions, 'probe'>,
    private readonly clock: Clock = systemClock,
  ) {
    this.#entries = entries;
    this.breaker = new StoreCircuitBreaker({ ...options, probe: () => entries.probe(this.probeKey) });
  }

  get isLost(): boolean {
    return this.breaker.isLost;
  }

  get lostForMs(): number | undefined {
    return this.breaker.lostForMs;
  }

  reach(): Promise<void> {
    return this.breaker.reach();
  }

  async read<K extends RecordKind>(sealer: RecordSealer, kind: K): Promise<StoredRecord<K> | undefined> {
    this.probeKey = sealer.keyOf('probe');
    const key = sealer.keyOf(kind);
    const askedAt = this.clock.now();
    const found = (await this.breaker.run(() => this.#entries.read(key)))?.value;
    if (found === undefined) {
      return undefined;
    }
    const text = sealer.open(kind, found.value);
    const stored = text === undefined ? undefined : parseRecord(kind, text, found.leftMs, this.clock, askedAt);
    this.reportUnreadable(kind, stored === undefined);
    return stored;
  }

  async write<K extends RecordKind>(
    sealer: RecordSealer,
    kind: K,
    record: StoredRecords[K],
    ttlMs: number,
  ): Promise<void> {
    this.probeKey = sealer.keyOf('probe');
    const key = sealer.keyOf(kind);
    // A whole number: Redis refuses a fraction, and the adapter would hide that error.
    const wholeMs = Math.ceil(ttlMs);
    const sealed = sealer.seal(kind, serializeRecord(record, wholeMs, this.clock));
    await this.breaker.run(() => this.#entries.write(key, sealed, wholeMs));
  }

  async remove(sealer: RecordSealer, kind: RecordKind): Promise<void> {
    await this.breaker.run(() => this.#entries.remove(sealer.keyOf(kind)));
  }

  /** Reports it once, until an entry can be read again. */
  private reportUnreadable(kind: RecordKind, isUnreadable: boolean): void {
    if (!isUnreadable) {
      this.unreadable.delete(kind);
    } else if (!this.unreadable.has(kind)) {
      this.unreadable.add(kind);
      this.options.log.unreadable(kind);
    }
  }
}
