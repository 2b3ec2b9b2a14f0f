import type { RedisNetwork } from './network.js';
import { RedisConnection, type PendingCommand } from './redis-connection.js';
import type { RedisCommand, RedisReply } from './redis-data.js';

export interface ClientOptions {
  /** Whether the client reconnects, and commands wait meanwhile. */
  readonly reconnects: boolean;
  readonly connectTimeoutMs: number;
}

interface SetOptions {
  readonly NX?: boolean;
  readonly PX?: number;
}

type Listener = (...args: unknown[]) => void;

const RECONNECT_MS = 200;

/** A client of `@redis/client` as `@keyv/redis` and `lib/store` use it, over the simulated network. */
export class SimulatedRedisClient {
  isOpen = false;
  isReady = false;
  private connection: RedisConnection | undefined;
  private connecting: { readonly reject: (error: Error) => void } | undefined;
  private queued: { readonly command: RedisCommand; readonly pending: PendingCommand }[] = [];
  private readonly listeners = new Map<string, Listener[]>();

  constructor(
    private readonly network: RedisNetwork,
    private readonly given: ClientOptions,
  ) {}

  get openCommands(): number {
    return this.queued.length + (this.connection?.openCommands ?? 0);
  }

  on(event: string, listener: Listener): this {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    return this;
  }

  connect(): Promise<this> {
    if (this.isOpen) {
      return Promise.reject(new Error('Socket already opened'));
    }
    this.isOpen = true;
    return new Promise((resolve, reject) => {
      this.connecting = { reject };
      this.dial(() => resolve(this), this.given.connectTimeoutMs);
    });
  }

  get(key: string): Promise<RedisReply> {
    return this.send(['GET', key]);
  }

  exists(key: string): Promise<RedisReply> {
    return this.send(['EXISTS', key]);
  }

  set(key: string, value: string, { PX, NX }: SetOptions = {}): Promise<RedisReply> {
    return this.send(['SET', key, value, PX === undefined ? '' : String(PX), NX === true ? 'NX' : '']);
  }

  del(key: string): Promise<RedisReply> {
    return this.send(['DEL', key]);
  }

  unlink(key: string): Promise<RedisReply> {
    return this.send(['UNLINK', key]);
  }

  getRange(key: string, start: number, end: number): Promise<RedisReply> {
    return this.send(['GETRANGE', key, String(start), String(end)]);
  }

  pTTL(key: string): Promise<RedisReply> {
    return this.send(['PTTL', key]);
  }

  eval(_script: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }): Promise<RedisReply> {
    return this.send(['EVAL', keys[0] ?? '', ...args]);
  }

  close(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    if (!this.isOpen) {
      throw new Error('The client is closed');
    }
    this.shut(new Error('Disconnects client'));
  }

  dieIdle(isSilent: boolean): void {
    this.connection?.dieIdle(isSilent);
  }

  private send(command: RedisCommand): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      const pending = { resolve, reject };
      if (!this.isOpen) {
        reject(new Error('The client is closed'));
      } else if (this.connection !== undefined) {
        this.connection.write(command, pending);
      } else if (this.given.reconnects) {
        this.queued.push({ command, pending });
      } else {
        reject(new Error('The client is offline'));
      }
    });
  }

  /** TCP and the greeting, or their failure. */
  private dial(onReady: () => void, limitMs: number): void {
    const { network } = this;
    const { timeline } = network.world;
    const { server, machine } = network;
    const isDeaf = network.isPartitioned || server.isStopped;
    timeline.after(
      isDeaf ? limitMs : network.latencyMs() * 2,
      () => {
        if (!this.isOpen) {
          return;
        }
        if (isDeaf || network.isPartitioned || !server.isUp) {
          this.failToConnect(new Error(isDeaf ? 'Connection timeout' : 'connect ECONNREFUSED'), onReady, limitMs);
          return;
        }
        this.connection = new RedisConnection(network, (error) => this.lose(error));
        this.isReady = true;
        this.connecting = undefined;
        onReady();
        const { connection } = this;
        this.queued.splice(0).forEach(({ command, pending }) => connection.write(command, pending));
      },
      machine,
    );
  }

  private failToConnect(error: Error, onReady: () => void, limitMs: number): void {
    const { network } = this;
    this.emit('error', error);
    if (this.given.reconnects) {
      network.world.timeline.after(RECONNECT_MS, () => this.isOpen && this.dial(onReady, limitMs), network.machine);
    } else {
      this.shut(error);
    }
  }

  private lose(error: Error): void {
    this.connection = undefined;
    this.isReady = false;
    this.emit('error', error);
    if (!this.isOpen) {
      return;
    }
    if (this.given.reconnects) {
      const { network, given } = this;
      const again = (): void => void (this.isOpen && this.dial(() => undefined, given.connectTimeoutMs));
      network.world.timeline.after(RECONNECT_MS, again, network.machine);
    } else {
      this.shut(error);
    }
  }

  private shut(error: Error): void {
    const { connection, connecting } = this;
    this.isOpen = false;
    this.isReady = false;
    this.connection = undefined;
    this.connecting = undefined;
    connection?.close(error);
    this.queued.splice(0).forEach(({ pending }) => pending.reject(error));
    connecting?.reject(error);
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(event) ?? []) {
      listener(...args);
    }
  }
}
