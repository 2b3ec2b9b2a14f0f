import type { Keyv } from 'keyv';

/** A node of a cluster. It has no client until the first command to it. */
export interface ClusterNode {
  readonly client?: { readonly isReady: boolean } | undefined;
}

/**
 * The common part of `@redis/client`'s clients for one server, a cluster and sentinels. Replies are `unknown`, because an
 * application's client may be set to return Buffers for texts, or texts for numbers.
 */
export interface RedisClient {
  readonly isOpen: boolean;
  /** A cluster has it only for each node. */
  readonly isReady?: boolean;
  /** Clusters only. */
  readonly slots?: readonly ({ readonly master: ClusterNode } | undefined)[];
  /** Clusters only. Connects to the node if necessary. */
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

/** The adapter of `@keyv/redis`, recognised by its methods: a CommonJS application loads another copy of the class. */
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

/** A text reply in any form that the client returns; `undefined` for another reply. */
export function textOf(reply: unknown): string | undefined {
  if (typeof reply === 'string') {
    return reply;
  }
  return ArrayBuffer.isView(reply)
    ? Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString()
    : undefined;
}

/** A number reply in any form that the client returns. */
export function numberOf(reply: unknown): number {
  return Number(textOf(reply) ?? reply);
}
