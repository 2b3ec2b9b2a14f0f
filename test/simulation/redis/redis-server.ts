import type { World } from '../world/world.js';
import { isWrite, RedisData, type RedisCommand, type RedisReply } from './redis-data.js';

/** The reply to a command. */
export type RedisOutcome =
  | { readonly kind: 'reply'; readonly reply: RedisReply }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' };

/** How long a command is on its way to a slow Redis at most. */
const LONGEST_SLOW_MS = 700;

export type RedisMode = 'up' | 'down' | 'hang' | 'slow' | 'lost-reply' | 'error' | 'read-only';
export type RestartedWith = 'kept' | 'empty' | 'snapshot';

/** A connection as its server sees it. */
export interface ServerSide {
  /** The server went away. */
  onReset(): void;
}

type Delivery = (outcome: RedisOutcome) => void;

/** One Redis server: up, away, stopped, slow, or answering with errors, from one moment to another. */
export class RedisServer {
  readonly data = new RedisData();
  private mode: RedisMode = 'up';
  private snapshot = this.data.snapshot();
  private readonly connections = new Set<ServerSide>();
  /** Commands that came while it was stopped. It carries them out when it continues, even without a client. */
  private stopped: (() => void)[] = [];
  commands = 0;
  /** By the value of a lock, the instance that took it. */
  private readonly lockOwners = new Map<string, string>();
  /** Locks that were deleted by another than who took them. */
  readonly stolenLocks: { readonly at: number; readonly by: string; readonly from: string }[] = [];

  constructor(private readonly world: World) {}

  get isUp(): boolean {
    return this.mode !== 'down';
  }

  get isStopped(): boolean {
    return this.mode === 'hang';
  }

  /** The additional delay of a command or its reply, in ms. */
  get extraLatencyMs(): number {
    return this.mode === 'slow' ? this.world.random.between(100, LONGEST_SLOW_MS) : 0;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  opened(connection: ServerSide): void {
    this.connections.add(connection);
  }

  closed(connection: ServerSide): void {
    this.connections.delete(connection);
  }

  takeSnapshot(): void {
    this.snapshot = this.data.snapshot();
  }

  enter(mode: RedisMode, restartedWith: RestartedWith = 'kept'): void {
    this.mode = mode;
    this.world.note('redis', mode);
    if (mode === 'down') {
      this.stopped = [];
      const lost = [...this.connections];
      this.connections.clear();
      lost.forEach((connection) => connection.onReset());
      if (restartedWith !== 'kept') {
        this.data.restore(restartedWith === 'empty' ? new Map() : this.snapshot);
      }
    }
    if (mode !== 'hang') {
      this.goOn();
    }
  }

  /** A command has arrived. */
  receive(command: RedisCommand, from: string, deliver: Delivery): void {
    if (this.mode === 'hang') {
      this.stopped.push(() => this.receive(command, from, deliver));
      return;
    }
    if (this.mode === 'down') {
      deliver({ kind: 'reset' });
      return;
    }
    deliver(this.answer(command, from));
  }

  private goOn(): void {
    const waiting = this.stopped;
    this.stopped = [];
    waiting.forEach((carryOut) => carryOut());
  }

  private answer(command: RedisCommand, from: string): RedisOutcome {
    const { mode } = this;
    const { random, timeline } = this.world;
    if (mode === 'error' && random.chance(0.5)) {
      return { kind: 'error', message: 'LOADING Redis is loading the dataset in memory' };
    }
    if (mode === 'read-only' && isWrite(command)) {
      return { kind: 'error', message: "READONLY You can't write against a read only replica." };
    }
    this.commands += 1;
    try {
      const reply = this.execute(command, from, timeline.now);
      this.noteCommand(command, reply);
      if (mode === 'lost-reply' && random.chance(0.4)) {
        return { kind: random.chance(0.5) ? 'reset' : 'silence' };
      }
      return { kind: 'reply', reply };
    } catch (error) {
      return { kind: 'error', message: (error as Error).message };
    }
  }

  private execute(command: RedisCommand, from: string, now: number): RedisReply {
    const [, key = ''] = command;
    if (!key.endsWith(':lock')) {
      return this.data.execute(command, now);
    }
    const lock = this.data.execute(['GET', key], now);
    const reply = this.data.execute(command, now);
    const left = this.data.execute(['GET', key], now);
    if (typeof left === 'string' && left !== lock) {
      this.lockOwners.set(left, from);
    }
    const owner = this.lockOwners.get(String(lock));
    if (left === null && owner !== undefined && owner !== from) {
      this.stolenLocks.push({ at: now, by: from, from: owner });
    }
    return reply;
  }

  /** Without the values, whose seals are drawn by OpenSSL. */
  private noteCommand([name, key = '']: RedisCommand, reply: RedisReply): void {
    const isSealed = typeof reply === 'string' && reply.length > 40;
    this.world.note('redis', `${name} ${key.slice(key.indexOf('}:') + 2)} -> ${isSealed ? 'sealed' : reply}`);
  }
}
