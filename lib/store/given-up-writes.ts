/** Deletes the key if it holds this value. */
export type CompareAndDelete = (key: string, value: string) => Promise<unknown>;

interface Write {
  readonly key: string;
  readonly value: string;
}

/** Above it, the oldest are forgotten. */
const MOST_WRITES = 1_000;

/**
 * Writes that were sent and given up. Redis may carry them out later, and the entry would then seem young. They are undone
 * before anything else is sent.
 */
export class GivenUpWrites {
  private writes: readonly Write[] = [];
  private undoing: Promise<void> | undefined;

  constructor(private readonly compareAndDelete: CompareAndDelete) {}

  get isEmpty(): boolean {
    return this.writes.length === 0;
  }

  /** @returns a function that undoes it now */
  add(key: string, value: string): () => Promise<void> {
    const write = { key, value };
    this.writes = [...this.writes, write].slice(-MOST_WRITES);
    return () => this.undoOne(write);
  }

  /** Rejects if an undo failed; it then stays in the list. */
  undo(): Promise<void> {
    this.undoing ??= this.undoAll().finally(() => {
      this.undoing = undefined;
    });
    return this.undoing;
  }

  /** The first one shows whether the connection works. */
  private async undoAll(): Promise<void> {
    const [first, ...others] = this.writes;
    await (first && this.undoOne(first));
    await Promise.all(others.map((write) => this.undoOne(write)));
  }

  private async undoOne(write: Write): Promise<void> {
    await this.compareAndDelete(write.key, write.value);
    this.writes = this.writes.filter((other) => other !== write);
  }
}
