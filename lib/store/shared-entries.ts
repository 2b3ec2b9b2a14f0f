/** An entry as it was found. */
export interface FoundEntry {
  readonly value: unknown;
  /** What is left of its life by the store's own clock; `undefined` when the store does not tell. */
  readonly leftMs: number | undefined;
}

/**
 * Where entries are kept for other instances. Its methods reject when the store does not work, and each command in them
 * has a deadline.
 */
export interface SharedEntries {
  read(key: string): Promise<FoundEntry | undefined>;
  write(key: string, value: string, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Sends a command of every kind that is used, so that a store that can be read but not written is noticed. */
  probe(key: string): Promise<void>;
}

/** How long the entry that {@link SharedEntries.probe} writes may stay. Longer than any few commands take. */
export const PROBE_TTL_MS = 10_000;
