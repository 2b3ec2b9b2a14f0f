import type { Machine } from '../world/machine.js';
import type { World } from '../world/world.js';
import type { RedisServer } from './redis-server.js';

/** The fate of packets in flight when a partition ends. */
export type AfterPartition = 'late' | 'lost';

export interface LatencyRange {
  readonly low: number;
  readonly high: number;
}

/** The way from one instance to Redis. */
export class RedisNetwork {
  private isCut = false;
  private held: (() => void)[] = [];
  /** Called when the connection is lost for good. */
  readonly connections = new Set<{ onReset(): void }>();
  private readonly random;

  constructor(
    readonly world: World,
    readonly machine: Machine,
    readonly server: RedisServer,
    private readonly latency: LatencyRange,
  ) {
    this.random = world.random.fork(`redis/${machine.name}`);
  }

  get isPartitioned(): boolean {
    return this.isCut;
  }

  latencyMs(): number {
    return this.random.between(this.latency.low, this.latency.high) + this.server.extraLatencyMs;
  }

  cut(): void {
    this.isCut = true;
    this.world.note(this.machine.name, 'partition begins');
  }

  /** `late`: TCP retransmits, and commands that were given up long ago arrive. `lost`: the connection is dead. */
  heal(after: AfterPartition): void {
    this.isCut = false;
    this.world.note(this.machine.name, `partition ends, ${after}`);
    const { held } = this;
    this.held = [];
    if (after === 'late') {
      held.forEach((go) => go());
    } else {
      this.connections.forEach((connection) => connection.onReset());
    }
  }

  /** Carries something one way, when the way is open. */
  carry(go: () => void): void {
    if (this.isCut) {
      this.held.push(go);
    } else {
      go();
    }
  }
}
