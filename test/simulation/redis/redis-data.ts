interface Entry {
  readonly value: string;
  /** Virtual ms; `Infinity` without an end. */
  readonly endsAt: number;
}

export type RedisCommand = readonly [name: string, ...args: string[]];
export type RedisReply = string | number | null;

const WRITES = new Set(['SET', 'DEL', 'UNLINK', 'EVAL']);

export function isWrite([name]: RedisCommand): boolean {
  return WRITES.has(name);
}

/** The keys of one Redis server and what its commands do to them. It knows no network. */
export class RedisData {
  private entries = new Map<string, Entry>();

  /** The keys that have not ended. */
  keys(now: number): string[] {
    return [...this.entries.keys()].filter((key) => this.find(key, now) !== undefined);
  }

  snapshot(): ReadonlyMap<string, Entry> {
    return new Map(this.entries);
  }

  restore(snapshot: ReadonlyMap<string, Entry>): void {
    this.entries = new Map(snapshot);
  }

  execute([name, key = '', ...args]: RedisCommand, now: number): RedisReply {
    const entry = this.find(key, now);
    switch (name) {
      case 'GET':
        return entry?.value ?? null;
      case 'GETRANGE':
        return (entry?.value ?? '').slice(Number(args[0]), Number(args[1]) + 1);
      case 'EXISTS':
        return entry === undefined ? 0 : 1;
      case 'PTTL':
        return entry === undefined ? -2 : entry.endsAt === Infinity ? -1 : Math.round(entry.endsAt - now);
      case 'DEL':
      case 'UNLINK':
        return this.entries.delete(key) && entry !== undefined ? 1 : 0;
      case 'SET':
        return this.set(key, entry, args, now);
      case 'EVAL':
        // The one script of the lock: compare and delete.
        return entry?.value === args[0] ? Number(this.entries.delete(key)) : 0;
      default:
        throw new Error(`ERR unknown command '${name}'`);
    }
  }

  private set(key: string, entry: Entry | undefined, args: readonly string[], now: number): RedisReply {
    const [value = '', lifeMs = '', condition] = args;
    if (condition === 'NX' && entry !== undefined) {
      return null;
    }
    if (lifeMs !== '' && !(/^\d+$/.test(lifeMs) && Number(lifeMs) > 0)) {
      throw new Error("ERR invalid expire time in 'set' command");
    }
    this.entries.set(key, { value, endsAt: lifeMs === '' ? Infinity : now + Number(lifeMs) });
    return 'OK';
  }

  private find(key: string, now: number): Entry | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && entry.endsAt > now ? entry : undefined;
  }
}
