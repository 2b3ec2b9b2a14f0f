import type { Keyv } from 'keyv';
import { withDeadline, type Clock, type Random } from '../time/index.js';
import { BoundedReads } from './bounded-reads.js';
import { isConnectionLoss } from './connection-errors.js';
import { GivenUpWrites } from './given-up-writes.js';
import { decodeEntry, encodeEntry } from './keyv-codec.js';
import { numberOf, textOf, type RedisAdapter, type RedisClient } from './redis-client.js';
import { RedisConnection } from './redis-connection.js';
import { PROBE_TTL_MS, type FoundEntry, type SharedEntries } from './shared-entries.js';

const COMPARE_AND_DELETE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/** The replies of `PTTL` for a key without expiry, and for a missing key. */
const NO_END = -1;
const NO_KEY = -2;
/** Connecting takes several round trips (TCP, TLS, AUTH). A command takes one. */
const CONNECTING_PER_COMMAND = 2;

export interface RedisEntriesOptions {
  readonly keyv: Keyv;
  readonly adapter: RedisAdapter;
  /** Whether this package owns the connection. */
  readonly isOwn: boolean;
  /** Time limit of one command. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** The time limit for connecting, by the limit of a command. */
export function connectLimitOf(timeoutMs: number): number {
  return CONNECTING_PER_COMMAND * timeoutMs;
}

/**
 * Redis under a `Keyv`. Entries look like all others of the cache, because the `Keyv` encodes and names them. Commands go to
 * the client directly, to tell what failed: the connection, Redis itself, or the decoding.
 */
export class RedisEntries implements SharedEntries {
  readonly connection: RedisConnection;
  readonly #options: RedisEntriesOptions;
  readonly #givenUp = new GivenUpWrites((name, value) => this.compareAndDelete(name, value));
  readonly #reads = new BoundedReads();
  private readonly background = new Set<Promise<unknown>>();

  constructor(options: RedisEntriesOptions) {
    this.#options = options;
    this.connection = new RedisConnection({ ...options, limitMs: connectLimitOf(options.timeoutMs) });
  }

  async read(key: string): Promise<FoundEntry | undefined> {
    const name = this.nameOf(key);
    // Both in one packet.
    const [reply, left] = await this.send(name, (client) =>
      Promise.all([this.#reads.readEntry(client, name), client.pTTL(name)]),
    );
    const leftMs = numberOf(left);
    if (leftMs === NO_KEY || reply === null || reply === undefined) {
      return undefined;
    }
    const text = textOf(reply);
    const value = text === undefined ? reply : await decodeEntry(this.#options.keyv, text);
    return { value, leftMs: leftMs === NO_END ? undefined : leftMs };
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    const name = this.nameOf(key);
    const { keyv, clock } = this.#options;
    const endsAt = clock.now() + ttlMs;
    const encoded = await encodeEntry(keyv, value, clock.wallNow() + ttlMs);
    await this.orGiveUp(name, encoded, this.set(name, encoded, endsAt));
  }

  async remove(key: string): Promise<void> {
    const name = this.nameOf(key);
    await this.send(name, (client) => this.removeBy(client, name));
  }

  /** Sends every kind of command, one after another, with a key that no other instance probes. */
  async probe(key: string): Promise<void> {
    const { random, clock } = this.#options;
    const text = random.id();
    const probeKey = `${key}:${text}`;
    const name = this.nameOf(probeKey);
    // Late writes of a probe do no harm and are not undone: a long outage causes many of them.
    await this.set(name, text, clock.now() + PROBE_TTL_MS);
    const found = await this.send(name, (client) => this.#reads.read(client, name));
    await this.send(name, (client) => client.pTTL(name));
    await this.remove(probeKey);
    await this.setIfAbsent(name, text, PROBE_TTL_MS);
    await this.send(name, (client) => compareAndDelete(client, name, text));
    if (textOf(found) !== text) {
      throw new Error('the entry was not stored');
    }
  }

  /** Sets the key unless it is set: `SET NX PX`. If the command was sent twice, the first one may have succeeded. */
  async take(key: string, owner: string, lifeMs: number): Promise<boolean> {
    const name = this.nameOf(key);
    const reply = await this.orGiveUp(name, owner, this.setIfAbsent(name, owner, lifeMs));
    return reply !== null && reply !== undefined;
  }

  private setIfAbsent(name: string, value: string, lifeMs: number): Promise<unknown> {
    return this.send(name, (client) => client.set(name, value, { NX: true, PX: lifeMs }));
  }

  private set(name: string, encoded: string | Buffer, endsAt: number): Promise<unknown> {
    const { clock } = this.#options;
    // A write that waited for its connection is older by the wait, and its remaining life must show that.
    return this.send(name, (client) => client.set(name, encoded, { PX: Math.max(1, Math.ceil(endsAt - clock.now())) }));
  }

  async ownerOf(key: string): Promise<string | null> {
    const name = this.nameOf(key);
    return textOf(await this.send(name, (client) => this.#reads.read(client, name))) || null;
  }

  /** Deletes the key if it holds this. */
  async free(key: string, owner: string): Promise<void> {
    const name = this.nameOf(key);
    await this.orGiveUp(
      name,
      owner,
      this.send(name, (client) => compareAndDelete(client, name, owner)),
    );
  }

  /** Like {@link free} for a lost store: once now, if there is a connection, and again when the store is back. */
  freeLater(key: string, owner: string): void {
    this.giveUp(this.nameOf(key), owner);
  }

  /** Resolves once no command is running. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.background);
  }

  private async orGiveUp<T>(name: string, value: string, sent: Promise<T>): Promise<T> {
    try {
      return await sent;
    } catch (error) {
      this.giveUp(name, value);
      throw error;
    }
  }

  /**
   * On the same connection the undo comes after the write, and Redis carries it out even if this process has ended.
   */
  private giveUp(name: string, value: string): void {
    const undo = this.#givenUp.add(name, value);
    if (this.connection.isReady(name)) {
      const undone = undo().catch(() => undefined);
      this.background.add(undone);
      void undone.finally(() => this.background.delete(undone));
    }
  }

  private compareAndDelete(name: string, value: string): Promise<unknown> {
    return this.sendNow(name, (client) => compareAndDelete(client, name, value));
  }

  private async send<T>(name: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.#givenUp.isEmpty) {
      await this.#givenUp.undo();
    }
    return this.sendNow(name, command);
  }

  /** Repeats the command on a new connection if the first one was dead. */
  private async sendNow<T>(name: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    const { timeoutMs, clock } = this.#options;
    const once = async (): Promise<T> => {
      const client = await this.connection.ready(name);
      return withDeadline(command(client), timeoutMs, clock, this.connection.ending);
    };
    try {
      return await once();
    } catch (error) {
      if (!isConnectionLoss(error)) {
        throw error;
      }
      return once();
    }
  }

  private removeBy(client: RedisClient, name: string): Promise<unknown> {
    return this.#options.adapter.useUnlink === false ? client.del(name) : client.unlink(name);
  }

  /** The key in Redis, with the prefixes of the Keyv and its adapter. */
  private nameOf(key: string): string {
    const { keyv, adapter } = this.#options;
    const inKeyv = keyv.useKeyPrefix && keyv.namespace ? `${keyv.namespace}:${key}` : key;
    return adapter.createKeyPrefix(inKeyv, adapter.namespace);
  }
}

function compareAndDelete(client: RedisClient, name: string, value: string): Promise<unknown> {
  return client.eval(COMPARE_AND_DELETE, { keys: [name], arguments: [value] });
}
