/** An entry as it was found. */
export interface FoundEntry {
  readonly value: unknown;
  /** What is left of its life by the store's own clock; `undefined` when the store does not tell. */
  readonly leftMs: number | undefined;
}

/** Where entries are kept for other instances. Its methods reject when the store does not work. */
export interface SharedEntries {
  read(key: string): Promise<FoundEntry | undefined>;
  write(key: string, value: string, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Sends a command of every kind that is used; a store that can be read but not written is found out by it. */
  tryOut(key: string): Promise<void>;
  /** Gives up the connection, where it is the module's own. */
  hangUp(): Promise<void>;
  /** The application is being destroyed: a connection that its owner has closed is not opened again. */
  leaveClosed(): void;
}

/** How long what {@link SharedEntries.tryOut} writes may stay. */
export const TRIAL_TTL_MS = 1_000;
