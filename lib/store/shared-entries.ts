/** An entry as it was found. */
export interface FoundEntry {
  readonly value: unknown;
  /** Its remaining life by the store's own clock; `undefined` if the store does not tell. */
  readonly leftMs: number | undefined;
}

/**
 * Keeps entries for other instances. The methods reject if the store does not work, and each command in them
 * has a time limit.
 */
export interface SharedEntries {
  read(key: string): Promise<FoundEntry | undefined>;
  write(key: string, value: string, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Sends a command of every kind in use, so that a store that can be read but not written is noticed. */
  probe(key: string): Promise<void>;
}

/** The lifetime of the entry that {@link SharedEntries.probe} writes. Longer than a few commands take. */
export const PROBE_TTL_MS = 10_000;
