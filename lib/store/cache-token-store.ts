import { Logger } from '@nestjs/common';
import type { AccountVault } from './account-vault.js';
import type { SharedEntries } from './shared-entries.js';
import { StoreLink } from './store-link.js';
import type { StoreListener } from './store-state.js';
import {
  parseRecord,
  serializeRecord,
  type RecordKind,
  type StoredRecord,
  type StoredRecords,
} from './stored-records.js';
import type { TokenStore } from './token-store.js';

/** The store over cache-manager: sealed records, and a link that may be lost. */
export class CacheTokenStore implements TokenStore {
  private readonly logger = new Logger('QuiqupAuthStore');
  private readonly unreadable = new Set<RecordKind>();
  /** Private in earnest: a Redis client shows its password. */
  readonly #entries: SharedEntries;
  private probeKey = '';
  readonly link: StoreLink;

  /**
   * @param timeoutMs deadline of one command
   */
  constructor(entries: SharedEntries, timeoutMs: number, listener: StoreListener) {
    this.#entries = entries;
    this.link = new StoreLink(
      timeoutMs,
      listener,
      () => entries.tryOut(this.probeKey),
      // A host that is gone without a word answers on no connection that it had.
      () => entries.hangUp(),
    );
  }

  get isLost(): boolean {
    return this.link.isLost;
  }

  get lostSince(): number | undefined {
    return this.link.lostSince;
  }

  reach(): Promise<void> {
    return this.link.reach();
  }

  async read<K extends RecordKind>(vault: AccountVault, kind: K): Promise<StoredRecord<K> | undefined> {
    this.probeKey = vault.keyOf('probe');
    const key = vault.keyOf(kind);
    const found = (await this.link.run(() => this.#entries.read(key)))?.value;
    if (found === undefined) {
      return undefined;
    }
    const text = vault.open(kind, found.value);
    const stored = text === undefined ? undefined : parseRecord(kind, text, found.leftMs);
    this.reportUnreadable(kind, stored === undefined);
    return stored;
  }

  async write<K extends RecordKind>(
    vault: AccountVault,
    kind: K,
    record: StoredRecords[K],
    ttlMs: number,
  ): Promise<void> {
    this.probeKey = vault.keyOf('probe');
    const key = vault.keyOf(kind);
    // A whole number: Redis refuses a fraction, and the adapter would keep that to itself.
    const wholeMs = Math.ceil(ttlMs);
    const sealed = vault.seal(kind, serializeRecord(record, wholeMs));
    await this.link.run(() => this.#entries.write(key, sealed, wholeMs));
  }

  async remove(vault: AccountVault, kind: RecordKind): Promise<void> {
    await this.link.run(() => this.#entries.remove(vault.keyOf(kind)));
  }

  leaveClosed(): void {
    this.#entries.leaveClosed();
  }

  async close(): Promise<void> {
    this.link.close();
    await this.#entries.hangUp().catch(() => undefined);
  }

  /** Once, until it can be read again. */
  private reportUnreadable(kind: RecordKind, isUnreadable: boolean): void {
    if (!isUnreadable) {
      this.unreadable.delete(kind);
    } else if (!this.unreadable.has(kind)) {
      this.unreadable.add(kind);
      this.logger.warn(`The stored ${kind} could not be read (another version, or altered); it will be replaced.`);
    }
  }
}
