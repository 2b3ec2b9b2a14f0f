import type { QuiqupAuthModuleOptions } from '../../../lib/config/index.js';
import type { TokenPhase } from '../../../lib/token/token-memory.js';
import type { EndpointFaultName } from '../quiqup/endpoint-faults.js';
import type { ReusePolicy } from '../quiqup/issued-tokens.js';
import { QuiqupServer, type EndpointFault } from '../quiqup/quiqup-server.js';
import { RedisServer } from '../redis/redis-server.js';
import { World } from '../world/world.js';
import { Instance, type Running } from './instance.js';

const STEP_MS = 5;
const LONGEST_MS = 15_000;
const LATENCY = { low: 5, high: 10 };

/** The outcome of a call: its last token, or its error code or status. */
export interface Told {
  readonly token?: string | undefined;
  readonly failed?: string;
  readonly afterMs: number;
  /** Token requests that were sent meanwhile. */
  readonly requests: number;
}

export interface LoneOptions {
  readonly lifetimeS: number;
  readonly policy?: ReusePolicy;
  readonly options?: Partial<QuiqupAuthModuleOptions>;
}

/** One instance in a world of its own, moved step by step by a test. */
export class LoneInstance {
  readonly world = new World(1);
  readonly quiqup: QuiqupServer;
  readonly instance: Instance;
  private fault: EndpointFault | undefined;
  private lastSent: string | undefined;

  constructor({ lifetimeS, policy = 'fresh', options = {} }: LoneOptions) {
    this.quiqup = new QuiqupServer(this.world, policy, lifetimeS * 1_000);
    this.instance = new Instance(
      'lone',
      {
        world: this.world,
        redis: new RedisServer(this.world),
        quiqup: this.quiqup,
        cache: 'memory',
        hasSealingKey: false,
        redisLatency: LATENCY,
        quiqupLatency: LATENCY,
        // Renewed by calls alone, so that each step of a scenario is one of the test's.
        options: { refresh: { enabled: false }, warmUp: 'off', ...options },
        onSent: (_instance, { token }) => (this.lastSent = token),
        onAnswered: () => undefined,
      },
      { wallOffsetMs: 0, rate: 1 },
    );
  }

  get running(): Running {
    if (this.instance.running === undefined) {
      throw new Error('not booted');
    }
    return this.instance.running;
  }

  get phase(): TokenPhase {
    return this.running.runtime.memory.phase(this.instance.machine.clock.now());
  }

  get held(): string | undefined {
    return this.running.runtime.memory.held?.accessToken;
  }

  async boot(): Promise<this> {
    await this.world.timeline.enter(this.instance.machine, () => void this.instance.boot());
    return this;
  }

  /** Boots, and calls once. */
  async withToken(): Promise<this> {
    await this.boot();
    await this.call();
    return this;
  }

  async pass(ms: number): Promise<void> {
    await this.world.timeline.runUntil(this.world.now + ms);
  }

  /** Until the token in hand is in that phase. */
  async passTo(phase: TokenPhase): Promise<void> {
    const held = this.running.runtime.memory.held;
    const { clock } = this.instance.machine;
    const startsAt = { stale: held?.staleAt, expiring: held?.expiringAt, expired: held?.usableUntil }[phase as 'stale'];
    await this.pass((startsAt ?? 0) - clock.now() + 1);
  }

  fail(name: EndpointFaultName, retryAfterS = 0): void {
    this.fault = { name, retryAfterS, only: undefined };
    this.quiqup.begin(this.fault);
  }

  recover(): void {
    if (this.fault !== undefined) {
      this.quiqup.end(this.fault);
      this.fault = undefined;
    }
  }

  call(): Promise<Told> {
    return this.tell(async () => {
      await this.running.http.axiosRef.get('/api/fulfilment/inventory');
      return this.lastSent;
    });
  }

  /** The public way for those who send their calls themselves. */
  reject(token: string): Promise<Told> {
    return this.tell(() => this.running.runtime.tokens.reject(token));
  }

  /** Starts the work, and lets time pass until it has settled, and a little longer for background work. */
  private async tell(action: () => Promise<string | undefined>): Promise<Told> {
    const { timeline } = this.world;
    const { requests } = this.quiqup;
    const [startedAt, before] = [timeline.now, requests.length];
    const outcome: { told?: Omit<Told, 'afterMs' | 'requests'> } = {};
    await timeline.enter(this.instance.machine, () => {
      action().then(
        (token) => (outcome.told = { token }),
        (error: { code?: string; response?: { status: number } }) =>
          (outcome.told = { failed: String(error.response?.status ?? error.code) }),
      );
    });
    while (outcome.told === undefined && timeline.now < startedAt + LONGEST_MS) {
      await this.pass(STEP_MS);
    }
    const afterMs = timeline.now - startedAt;
    await this.pass(50);
    return { ...outcome.told, afterMs, requests: requests.length - before };
  }

  async close(): Promise<void> {
    await this.world.timeline.enter(this.instance.machine, () => void this.instance.stop());
    await this.pass(1_000);
    this.world.close();
  }
}
