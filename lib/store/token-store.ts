import type { RecordSealer } from './record-sealer.js';
import type { RecordKind, StoredRecord, StoredRecords } from './stored-records.js';

/**
 * The store that instances share. It is optional: in every case, no method rejects or takes longer than its
 * time limit, and the caller continues without it.
 */
export interface TokenStore {
  /** Whether the store does not work now. Then only a probe is sent now and then. */
  readonly isLost: boolean;
  /** How long the store has not worked, in ms by its own clock; `undefined` while it works. */
  readonly lostForMs: number | undefined;
  /** Probes whether a lost store is back, for a caller that needs a token. */
  reach(): Promise<void>;
  /** The record, or `undefined` if there is no usable one. */
  read<K extends RecordKind>(sealer: RecordSealer, kind: K): Promise<StoredRecord<K> | undefined>;
  write<K extends RecordKind>(sealer: RecordSealer, kind: K, record: StoredRecords[K], ttlMs: number): Promise<void>;
  remove(sealer: RecordSealer, kind: RecordKind): Promise<void>;
}
