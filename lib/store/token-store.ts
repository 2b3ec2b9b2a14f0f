import type { RecordSealer } from './record-sealer.js';
import type { RecordKind, StoredRecord, StoredRecords } from './stored-records.js';

/**
 * What instances share. It is a convenience: whatever happens to it, no method rejects or takes longer than its
 * deadline, and a caller goes on without it.
 */
export interface TokenStore {
  /** Whether it does not work at present. Nothing is sent then but a probe now and then. */
  readonly isLost: boolean;
  /** For how long it has not worked, in ms by a clock of its own; `undefined` while it does. */
  readonly lostForMs: number | undefined;
  /** Looks whether a lost store is back, for a caller who would gain much by it. */
  reach(): Promise<void>;
  /** The record, or `undefined` when there is none that can be used. */
  read<K extends RecordKind>(sealer: RecordSealer, kind: K): Promise<StoredRecord<K> | undefined>;
  write<K extends RecordKind>(sealer: RecordSealer, kind: K, record: StoredRecords[K], ttlMs: number): Promise<void>;
  remove(sealer: RecordSealer, kind: RecordKind): Promise<void>;
}
