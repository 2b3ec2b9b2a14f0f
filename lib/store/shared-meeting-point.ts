import type { AccountVault } from './account-vault.js';
import type { MeetingPoint } from './meeting-point.js';
import type { RecordKind, StoredRecord, StoredRecords } from './stored-records.js';
import type { TokenStore } from './token-store.js';

/** A store that several accounts use: none of them may close it for the others. */
class SharedTokenStore implements TokenStore {
  constructor(private readonly store: TokenStore) {}

  get isLost(): boolean {
    return this.store.isLost;
  }

  get lostSince(): number | undefined {
    return this.store.lostSince;
  }

  reach(): Promise<void> {
    return this.store.reach();
  }

  read<K extends RecordKind>(vault: AccountVault, kind: K): Promise<StoredRecord<K> | undefined> {
    return this.store.read(vault, kind);
  }

  write<K extends RecordKind>(vault: AccountVault, kind: K, record: StoredRecords[K], ttlMs: number): Promise<void> {
    return this.store.write(vault, kind, record, ttlMs);
  }

  remove(vault: AccountVault, kind: RecordKind): Promise<void> {
    return this.store.remove(vault, kind);
  }

  leaveClosed(): void {
    // Said once by whoever owns the store.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The same meeting point for accounts that come and go while it stays open. */
export function shareMeetingPoint({ store, lock }: MeetingPoint): MeetingPoint {
  return { store: new SharedTokenStore(store), lock };
}
