import type { Keyv } from 'keyv';
import { setMaxListeners } from 'node:events';
import { pauseFor, settleWithin, type Clock } from '../time/index.js';
import { ClientWatch } from './client-watch.js';
import { clusterSlotOf } from './cluster-slot.js';
import { ConnectionClosedError, NoConnectionError } from './connection-errors.js';
import type { ClusterNode, RedisAdapter, RedisClient } from './redis-client.js';

/** How often to check a connection that the application is making. Not every client emits `ready`. */
const POLL_MS = 10;

export interface RedisConnectionOptions {
  readonly keyv: Keyv;
  readonly adapter: RedisAdapter;
  /** Whether this package opens and closes the connection. */
  readonly isOwn: boolean;
  /** How long connecting may take in total: TCP, TLS and AUTH. */
  readonly limitMs: number;
  readonly clock: Clock;
}

function nodeOf({ slots }: RedisClient, key: string): ClusterNode | undefined {
  return slots?.[clusterSlotOf(key)]?.master;
}

/** "Open" is not "ready": a client is open while it connects, and meanwhile queues commands or fails them. */
function isReady(client: RedisClient, key: string): boolean {
  if (!client.isOpen) {
    return false;
  }
  return client.slots === undefined ? client.isReady !== false : nodeOf(client, key)?.client?.isReady === true;
}

/** The connection to Redis through a client, which may belong to the application. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  private mayOpen = true;
  readonly #ending = new AbortController();

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    // One listener for each running command.
    setMaxListeners(0, this.#ending.signal);
    if (this.client.isOpen) {
      this.watch.noteOpen();
    }
  }

  /** Aborts when running commands are no longer awaited. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Whether the server of this key accepts commands now. */
  isReady(key: string): boolean {
    return isReady(this.client, key);
  }

  /**
   * Returns the client once it accepts commands for this key. Opens it, or waits while the application connects it.
   *
   * @throws the error that prevented the connection
   */
  async ready(key: string): Promise<RedisClient> {
    const { client, watch } = this;
    if (!isReady(client, key)) {
      watch.lastError = undefined;
      try {
        await this.makeReady(key);
      } catch (error) {
        // An own connection that was late must not be made afterwards.
        await this.reset();
        throw error;
      }
    }
    watch.noteOpen();
    return client;
  }

  /** From now on, a connection that its owner closes is not opened again. */
  stopReconnecting(): void {
    this.mayOpen &&= this.#options.isOwn;
  }

  /** Drops the own connection: a host that vanished without closing its connections answers on none of them. */
  async reset(): Promise<void> {
    if (this.#options.isOwn) {
      await this.disconnect();
    }
  }

  /** Ends all waits, and closes the own connection for good. */
  async close(): Promise<void> {
    this.mayOpen = false;
    if (!this.#options.isOwn) {
      this.#ending.abort(new ConnectionClosedError());
      return;
    }
    const { connecting } = this.watch;
    if (connecting !== undefined) {
      // A socket that is still connecting would outlive the client.
      const { limitMs, clock } = this.#options;
      await settleWithin(connecting, { limitMs, atLimit: () => undefined, clock }).catch(() => undefined);
    }
    this.#ending.abort(new ConnectionClosedError());
    await this.disconnect();
  }

  private get client(): RedisClient {
    return this.#options.adapter.client;
  }

  private get watch(): ClientWatch {
    return ClientWatch.of(this.client, this.#options.keyv);
  }

  private async makeReady(key: string): Promise<void> {
    const { client, watch } = this;
    const { limitMs, clock } = this.#options;
    const giveUpAt = clock.now() + limitMs;
    while (!isReady(client, key)) {
      const leftMs = giveUpAt - clock.now();
      if (leftMs <= 0) {
        throw new NoConnectionError(limitMs, watch.lastError);
      }
      const { ending: signal } = this;
      signal.throwIfAborted();
      await settleWithin(this.step(key), { limitMs: leftMs, signal, atLimit: () => undefined, clock });
    }
  }

  /** One step towards a client that is ready. */
  private async step(key: string): Promise<void> {
    const { client, watch } = this;
    const node = nodeOf(client, key);
    if (watch.connecting !== undefined) {
      await watch.connecting;
    } else if (!client.isOpen) {
      await this.open();
    } else if (node !== undefined && node.client === undefined) {
      await client.nodeClient?.(node);
    } else {
      await pauseFor(POLL_MS, this.ending, this.#options.clock);
    }
  }

  private async open(): Promise<void> {
    const { client, watch } = this;
    if (!this.mayOpen || (!this.#options.isOwn && watch.isClosedByOwner)) {
      throw new ConnectionClosedError();
    }
    watch.connecting = client.connect().finally(() => {
      watch.connecting = undefined;
    });
    try {
      await watch.connecting;
    } catch (error) {
      // A sentinel's client that could not connect stays open, and would never connect again.
      if (client.isOpen && !this.#options.isOwn) {
        await this.disconnect();
      }
      throw error;
    }
  }

  /** At once: no reply is awaited any more, and a server that hangs would keep the process alive. */
  private async disconnect(): Promise<void> {
    await this.#options.adapter.disconnect(true).catch(() => undefined);
  }
}
