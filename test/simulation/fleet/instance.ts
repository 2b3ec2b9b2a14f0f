import { SchedulerRegistry } from '@nestjs/schedule';
import { AccountRuntime } from '../../../lib/accounts/index.js';
import {
  createQuiqupAuthConfig,
  type QuiqupAuthConfig,
  type QuiqupAuthModuleOptions,
} from '../../../lib/config/index.js';
import { QuiqupHttpService, TrustedOrigins } from '../../../lib/http/index.js';
import { AccountLifecycle } from '../../../lib/quiqup-auth.lifecycle.js';
import { createCoordination } from '../../../lib/store/index.js';
import { AuthEvents, createTokenClient, type QuiqupAuthEvent } from '../../../lib/token/index.js';
import { createQuiqupAdapter, type SentCall } from '../quiqup/quiqup-adapter.js';
import type { QuiqupServer } from '../quiqup/quiqup-server.js';
import { RedisNetwork, type LatencyRange } from '../redis/network.js';
import type { SimulatedRedisClient } from '../redis/redis-client.js';
import type { RedisServer } from '../redis/redis-server.js';
import type { CacheKind } from '../scenario/scenario.js';
import { Machine, type MachineClocks } from '../world/machine.js';
import type { World } from '../world/world.js';
import { createSimulatedCache } from './simulated-cache.js';

export const BASE_URL = 'https://platform.sim/';

/** The common parts of a fleet's instances. */
export interface FleetSurroundings {
  readonly world: World;
  readonly redis: RedisServer;
  readonly quiqup: QuiqupServer;
  readonly cache: CacheKind;
  readonly hasSealingKey: boolean;
  readonly redisLatency: LatencyRange;
  readonly quiqupLatency: LatencyRange;
  /** Further options of the user. */
  readonly options?: Partial<QuiqupAuthModuleOptions>;
  readonly onSent: (instance: Instance, sent: SentCall) => void;
  readonly onAnswered: (instance: Instance, sent: SentCall, status: number) => void;
}

/** One token in hand replaced by another. */
export interface Replacement {
  readonly at: number;
  readonly former: string;
  readonly next: string;
}

/** When an instance believes that a token ends, in virtual ms. */
export interface Belief {
  readonly at: number;
  readonly token: string;
  readonly endsAt: number;
}

/** The parts that exist only after an instance has booted. */
export interface Running {
  readonly runtime: AccountRuntime;
  readonly http: QuiqupHttpService;
  readonly lifecycle: AccountLifecycle;
}

/** One process of the fleet: the shipped classes, wired as the module wires them. */
export class Instance {
  readonly machine: Machine;
  readonly network: RedisNetwork;
  readonly replacements: Replacement[] = [];
  storeBackAt = 0;
  /** The assumed lifetime of each token that it took. */
  readonly beliefs: Belief[] = [];
  timersAtStop = 0;
  private held: string | undefined;
  secret = 'secret-1';
  running: Running | undefined;
  state: 'booting' | 'running' | 'draining' | 'stopping' | 'stopped' | 'killed' = 'booting';
  stateSince = 0;
  private readonly client: () => SimulatedRedisClient | undefined;
  private readonly config: QuiqupAuthConfig;

  constructor(
    readonly name: string,
    private readonly surroundings: FleetSurroundings,
    clocks: MachineClocks,
  ) {
    const { world, redis, cache, redisLatency } = surroundings;
    this.machine = new Machine(name, world.timeline, clocks);
    this.network = new RedisNetwork(world, this.machine, redis, redisLatency);
    const simulated = createSimulatedCache(cache, this.network);
    this.client = simulated.client;
    this.config = this.configFor(simulated);
  }

  get redisClient(): SimulatedRedisClient | undefined {
    return this.client();
  }

  /** The steps of an application between `NestFactory.create` and `listen`. */
  async boot(): Promise<void> {
    const { world } = this.surroundings;
    const { clock } = this.machine;
    const random = world.random.fork(`instance/${this.name}`);
    const events = new AuthEvents((event) => this.hear(event));
    const { config } = this;
    const coordination = await createCoordination(
      {
        redis: config.cache.redis,
        store: config.cache.store,
        timeoutMs: config.timeouts.store,
        listener: (event) => events.emit(event),
      },
      { clock, ioClock: clock, random },
    );
    const tokenClient = createTokenClient(config);
    const runtime = new AccountRuntime(
      {
        config,
        coordination,
        tokenClient,
        registry: new SchedulerRegistry(),
        trusted: new TrustedOrigins(config.trustedOrigins),
        clock,
        ioClock: clock,
        random,
      },
      {
        askCredentials: () => Promise.resolve({ clientId: 'sim.apps.quiqup.com', clientSecret: this.secret }),
        events,
        label: `QuiqupAuth:${this.name}`,
        timerName: `quiqup-auth:refresh:${this.name}`,
      },
    );
    const http = new QuiqupHttpService(config, runtime.createAdapter(runtime.tokens));
    this.running = { runtime, http, lifecycle: new AccountLifecycle(config, coordination, runtime, tokenClient) };
    this.enter('running');
    await this.running.lifecycle.onApplicationBootstrap();
  }

  drain(): void {
    this.running?.lifecycle.onModuleDestroy();
    this.enter('draining');
  }

  /** Resolves once the application has shut down. */
  async stop(): Promise<void> {
    if (this.state !== 'draining') {
      this.drain();
    }
    this.enter('stopping');
    await this.running?.lifecycle.onApplicationShutdown();
    // Once all that the end has settled has run.
    this.machine.clock.setImmediate(() => (this.timersAtStop = this.machine.openTimers));
    this.enter('stopped');
  }

  kill(): void {
    this.machine.kill();
    this.enter('killed');
  }

  private enter(state: Instance['state']): void {
    this.state = state;
    this.stateSince = this.surroundings.world.now;
    this.surroundings.world.note(this.name, state);
  }

  private hear(event: QuiqupAuthEvent): void {
    if (event.type === 'store-back') {
      this.storeBackAt = this.surroundings.world.now;
    }
    this.noteReplacement();
    const cause = 'cause' in event ? ` for ${event.cause}` : '';
    const why = event.type === 'renewal-failed' ? `: ${event.error.code} (${event.attempt})` : '';
    this.surroundings.world.note(this.name, `event ${event.type}${cause}${why}`);
  }

  private noteReplacement(): void {
    const token = this.running?.runtime.memory.held;
    const next = token?.accessToken;
    const { now } = this.surroundings.world;
    if (token !== undefined) {
      this.beliefs.push({
        at: now,
        token: token.accessToken,
        endsAt: now + token.expiresAt - this.machine.clock.now(),
      });
    }
    const { held: former } = this;
    if (next !== undefined && next !== former) {
      if (former !== undefined) {
        this.replacements.push({ at: now, former, next });
      }
      this.held = next;
    }
  }

  private configFor({ redis, store }: { redis: string | undefined; store: unknown }): QuiqupAuthConfig {
    const { world, quiqup, quiqupLatency, hasSealingKey, onSent, onAnswered } = this.surroundings;
    const adapter = createQuiqupAdapter({
      world,
      machine: this.machine,
      server: quiqup,
      latency: quiqupLatency,
      onSent: (sent) => onSent(this, sent),
      onAnswered: (sent, status) => onAnswered(this, sent, status),
    });
    return createQuiqupAuthConfig({
      baseUrl: BASE_URL,
      clientId: 'sim.apps.quiqup.com',
      clientSecret: () => this.secret,
      cache: {
        ...(redis !== undefined && { redis }),
        ...(store !== undefined && { store: store as never }),
        ...(hasSealingKey && { sealingKey: 'a sealing key of more than 32 characters' }),
      },
      http: { adapter },
      ...this.surroundings.options,
    });
  }
}
