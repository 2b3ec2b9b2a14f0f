import type { Keyv } from 'keyv';

/** A node of a cluster; without a client while nothing was sent to it. */
export interface ClusterNode {
  readonly client?: { readonly isReady: boolean } | undefined;
}

/**
 * What the clients of `@redis/client` for one server, a cluster and sentinels have in common. Replies are unknown: an
 * application's client may be told to give Buffers for texts, or texts for numbers.
 */
export interface RedisClient {
  readonly isOpen: boolean;
  /** A cluster tells it of each node alone. */
  readonly isReady?: boolean;
  /** A cluster has it. */
  readonly slots?: readonly ({ readonly master: ClusterNode } | undefined)[];
  /** A cluster has it. It connects to the node if necessary. */
  nodeClient?(node: ClusterNode): Promise<unknown>;
  connect(): Promise<unknown>;
  unref?(): void;
  on?(event: string, listener: (error?: unknown) => void): unknown;
  get(key: string): Promise<unknown>;
  getRange?(key: string, start: number, end: number): Promise<unknown>;
  set(key: string, value: string | Buffer, options: { PX: number; NX?: true }): Promise<unknown>;
  pTTL(key: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
  unlink(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: (string | Buffer)[] }): Promise<unknown>;
}

/** The adapter of `@keyv/redis`, by what it can do: a CommonJS application loads another copy of it. */
export interface RedisAdapter {
  readonly client: RedisClient;
  readonly namespace: string | undefined;
  readonly useUnlink?: boolean;
  createKeyPrefix(key: string, namespace?: string): string;
  disconnect(force?: boolean): Promise<void>;
}

export function redisAdapterOf(keyv: Keyv): RedisAdapter | undefined {
  const adapter = (keyv as { store?: Partial<RedisAdapter> }).store;
  const client: Partial<RedisClient> | undefined = adapter?.client;
  return typeof adapter?.createKeyPrefix === 'function' && typeof client?.pTTL === 'function'
    ? (adapter as RedisAdapter)
    : undefined;
}

/** A reply that is a text, however the client gives it; `undefined` for anything else. */
export function textOf(reply: unknown): string | undefined {
  if (typeof reply === 'string') {
    return reply;
  }
  return ArrayBuffer.isView(reply)
    ? Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString()
    : undefined;
}

/** A reply that is a number, however the client gives it. */
export function numberOf(reply: unknown): number {
  return Number(textOf(reply) ?? reply);
}
