import type { Keyv } from 'keyv';
import type { Random } from '../time/index.js';
import { PROBE_TTL_MS, type FoundEntry, type SharedEntries } from './shared-entries.js';

/** What the clients of `@redis/client` for one server, a cluster and sentinels have in common. */
interface RedisClient {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { NX: true; PX: number }): Promise<string | null>;
  pTTL(key: string): Promise<number>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The adapter of `@keyv/redis`, by what it can do: a CommonJS application loads another copy of it. */
export interface RedisAdapter {
  readonly client: RedisClient;
  readonly namespace: string | undefined;
  readonly throwOnErrors: boolean;
  createKeyPrefix(key: string, namespace?: string): string;
  disconnect(force?: boolean): Promise<void>;
}

const COMPARE_AND_DELETE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/** What `PTTL` says of a key without an end, and of no key. */
const NO_END = -1;
const NO_KEY = -2;
/** Above the deadline of any two commands. */
const JUST_NOW_MS = 10_000;

/**
 * Connections that are being made: until then a client counts as open, and refuses commands or keeps them waiting. For
 * the whole process, since several accounts may share a client.
 */
const connecting = new WeakMap<RedisClient, Promise<unknown>>();

export function redisAdapterOf(keyv: Keyv): RedisAdapter | undefined {
  const adapter = (keyv as { store?: Partial<RedisAdapter> }).store;
  const client: Partial<RedisClient> | undefined = adapter?.client;
  return typeof adapter?.createKeyPrefix === 'function' && typeof client?.pTTL === 'function'
    ? (adapter as RedisAdapter)
    : undefined;
}

/** What was stored under the key was not written here: another type of Redis, or not the JSON that keyv writes. */
function isForeignEntry(error: unknown): boolean {
  return error instanceof Error && (error.name === 'SyntaxError' || error.message.startsWith('WRONGTYPE'));
}

/** Redis under a `Keyv`: entries go through the latter, so that they look as all of the cache's; the lock does not. */
export class RedisEntries implements SharedEntries {
  private mayConnect = true;

  constructor(
    private readonly keyv: Keyv,
    private readonly adapter: RedisAdapter,
    private readonly random: Random,
  ) {}

  async read(key: string): Promise<FoundEntry | undefined> {
    const client = await this.connect();
    // Together in one packet. The second also tells an entry that is not there from an adapter that hides its errors.
    const [value, leftMs] = await Promise.all([this.valueOf(key), client.pTTL(this.nameOf(key))]);
    if (leftMs === NO_KEY || value === undefined || value === null) {
      return undefined;
    }
    return { value, leftMs: leftMs === NO_END ? undefined : leftMs };
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    const client = await this.connect();
    const { keyv, adapter } = this;
    const isStored = await keyv.set(key, value, ttlMs);
    const hidesErrors = !(keyv.throwOnErrors && adapter.throwOnErrors);
    if (!isStored || (hidesErrors && (await this.isFormer(client, key, ttlMs)))) {
      throw new Error('the entry was not stored');
    }
  }

  async remove(key: string): Promise<void> {
    await this.connect();
    await this.keyv.delete(key);
  }

  async probe(key: string): Promise<void> {
    const text = this.random.id();
    await this.write(key, text, PROBE_TTL_MS);
    await this.read(key);
    await this.free(key, text);
  }

  /** Sets the key unless it is set: `SET NX PX`. */
  async take(key: string, owner: string, lifeMs: number): Promise<boolean> {
    const client = await this.connect();
    return (await client.set(this.nameOf(key), owner, { NX: true, PX: lifeMs })) !== null;
  }

  async ownerOf(key: string): Promise<string | null> {
    const client = await this.connect();
    return client.get(this.nameOf(key));
  }

  /** Deletes the key if it holds this. */
  async free(key: string, owner: string): Promise<void> {
    const client = await this.connect();
    await client.eval(COMPARE_AND_DELETE, { keys: [this.nameOf(key)], arguments: [owner] });
  }

  /**
   * For a {@link take} that was given up: it may be carried out yet, and would then keep everybody out. On the same
   * connection this comes after it.
   */
  async abandon(key: string, owner: string): Promise<void> {
    if (this.adapter.client.isOpen) {
      await this.free(key, owner).catch(() => undefined);
    }
  }

  /** At once: nothing that was sent is waited for any more, and a server that hangs would keep the process alive. */
  async disconnect(): Promise<void> {
    await this.adapter.disconnect(true);
  }

  /** A connection that its owner has closed is not opened again. */
  stopReconnecting(): void {
    this.mayConnect = false;
  }

  private async connect(): Promise<RedisClient> {
    const { client } = this.adapter;
    if (!client.isOpen) {
      if (!this.mayConnect) {
        throw new Error('the connection is closed');
      }
      const attempt = client.connect().finally(() => connecting.delete(client));
      connecting.set(client, attempt);
    }
    await connecting.get(client);
    return client;
  }

  /** Whether what stands there was not written just now: nothing, or with less of its life left. */
  private async isFormer(client: RedisClient, key: string, ttlMs: number): Promise<boolean> {
    const leftMs = await client.pTTL(this.nameOf(key));
    return leftMs === NO_KEY || leftMs < ttlMs - JUST_NOW_MS;
  }

  private async valueOf(key: string): Promise<unknown> {
    try {
      return await this.keyv.get(key);
    } catch (error) {
      if (isForeignEntry(error)) {
        // Opens under no key.
        return '';
      }
      throw error;
    }
  }

  /** What Redis calls the key that the Keyv and its adapter put their prefixes to. */
  private nameOf(key: string): string {
    const { keyv, adapter } = this;
    const inKeyv = keyv.useKeyPrefix && keyv.namespace ? `${keyv.namespace}:${key}` : key;
    return adapter.createKeyPrefix(inKeyv, adapter.namespace);
  }
}
