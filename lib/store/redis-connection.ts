import type { Keyv } from 'keyv';
import { setMaxListeners } from 'node:events';
import { pauseFor, settleWithin, type Clock } from '../time/index.js';
import { ClientWatch } from './client-watch.js';
import { clusterSlotOf } from './cluster-slot.js';
import { ConnectionClosedError, NoConnectionError } from './connection-errors.js';
import type { ClusterNode, RedisAdapter, RedisClient } from './redis-client.js';

/** How often a connection that somebody else is making is looked at; not every client tells when it is ready. */
const POLL_MS = 10;

export interface RedisConnectionOptions {
  readonly keyv: Keyv;
  readonly adapter: RedisAdapter;
  /** Whether it was opened here, and is closed here. */
  readonly isOwn: boolean;
  /** How long connecting may take in all: TCP, TLS and AUTH. */
  readonly limitMs: number;
  readonly clock: Clock;
}

function nodeOf({ slots }: RedisClient, key: string): ClusterNode | undefined {
  return slots?.[clusterSlotOf(key)]?.master;
}

/** "Open" is not "ready": a client counts as open while it connects, and keeps commands waiting meanwhile, or fails them. */
function isReady(client: RedisClient, key: string): boolean {
  if (!client.isOpen) {
    return false;
  }
  return client.slots === undefined ? client.isReady !== false : nodeOf(client, key)?.client?.isReady === true;
}

/** The way to Redis through a client, which may be the application's and connected by it. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  private mayOpen = true;
  readonly #ending = new AbortController();

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    // One for each command under way.
    setMaxListeners(0, this.#ending.signal);
    if (this.client.isOpen) {
      this.watch.noteOpen();
    }
  }

  /** Aborts when nothing that is under way is waited for any more. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Whether what serves this key takes commands now. */
  isReady(key: string): boolean {
    return isReady(this.client, key);
  }

  /**
   * The client once it takes commands for this key; opens it, or waits for whoever is connecting it.
   *
   * @throws what kept it from connecting
   */
  async ready(key: string): Promise<RedisClient> {
    const { client, watch } = this;
    if (!isReady(client, key)) {
      watch.lastError = undefined;
      try {
        await this.makeReady(key);
      } catch (error) {
        // One of our own that did not come about in time is not made later.
        await this.reset();
        throw error;
      }
    }
    watch.noteOpen();
    return client;
  }

  /** A connection that its owner has closed is not opened again; one of the owner's is not opened any more. */
  stopReconnecting(): void {
    this.mayOpen &&= this.#options.isOwn;
  }

  /** Drops our own connection, as a host that is gone without a word answers on none that it had. */
  async reset(): Promise<void> {
    if (this.#options.isOwn) {
      await this.disconnect();
    }
  }

  /** Ends all waits, and closes our own connection for good. */
  async close(): Promise<void> {
    this.mayOpen = false;
    if (!this.#options.isOwn) {
      this.#ending.abort(new ConnectionClosedError());
      return;
    }
    const { connecting } = this.watch;
    if (connecting !== undefined) {
      // A socket that is connecting just now would outlive the client.
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

  /** At once: nothing that was sent is waited for any more, and a server that hangs would keep the process alive. */
  private async disconnect(): Promise<void> {
    await this.#options.adapter.disconnect(true).catch(() => undefined);
  }
}
