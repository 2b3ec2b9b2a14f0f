import { FaultDirector } from './fault-director.js';
import { Instance, type FleetSurroundings } from './instance.js';
import { Workload } from './workload.js';
import { QuiqupServer } from '../quiqup/quiqup-server.js';
import { RedisServer } from '../redis/redis-server.js';
import type { SentCall } from '../quiqup/quiqup-adapter.js';
import type { InstancePlan, Scenario } from '../scenario/scenario.js';
import type { World } from '../world/world.js';

/** A 401 or an acceptance, as an instance heard it. */
export interface HeardAnswer {
  readonly at: number;
  readonly instance: string;
  readonly sent: SentCall;
  readonly status: number;
  /** The token that the instance held then. */
  readonly held: string | undefined;
}

/** A sent call, and the instance's token at that time. */
export interface Sending {
  readonly instance: Instance;
  readonly sent: SentCall;
}

/** Servers, instances and calls of one scenario. */
export class Fleet {
  readonly redis: RedisServer;
  readonly quiqup: QuiqupServer;
  readonly workload: Workload;
  readonly instances = new Map<string, Instance>();
  readonly sendings: Sending[] = [];
  readonly answers: HeardAnswer[] = [];
  readonly bootFailures: string[] = [];
  /** How long each shutdown took, in ms. */
  readonly shutdowns: { readonly instance: string; readonly from: number; to: number }[] = [];
  private readonly surroundings: FleetSurroundings;

  constructor(
    readonly world: World,
    readonly scenario: Scenario,
  ) {
    this.redis = new RedisServer(world);
    this.quiqup = new QuiqupServer(world, scenario.policy, scenario.lifetimeMs);
    this.workload = new Workload(world, (instance) => this.tokensBut(instance));
    this.surroundings = {
      world,
      redis: this.redis,
      quiqup: this.quiqup,
      ...scenario,
      onSent: (instance, sent) => {
        this.sendings.push({ instance, sent });
        this.workload.sent(sent);
      },
      onAnswered: (instance, sent, status) => this.hear(instance, sent, status),
    };
    scenario.instances.forEach((plan) => this.plan(plan));
    new FaultDirector(this).planAll(scenario.faults);
    for (const call of scenario.calls) {
      const instance = this.instances.get(call.instance);
      if (instance !== undefined) {
        world.timeline.schedule(call.at, () => this.workload.start(call, instance), instance.machine);
      }
    }
  }

  /** The ordered end of one instance. */
  stop(instance: Instance): void {
    const shutdown = { instance: instance.name, from: this.world.now, to: Infinity };
    this.shutdowns.push(shutdown);
    instance.stop().then(
      () => (shutdown.to = this.world.now),
      (error: unknown) => this.bootFailures.push(`${instance.name} shutdown: ${String(error)}`),
    );
  }

  private plan(plan: InstancePlan): void {
    const { timeline } = this.world;
    const instance = new Instance(plan.name, this.surroundings, plan);
    this.instances.set(plan.name, instance);
    const at = (when: number | undefined, what: () => void): void => {
      if (when !== undefined) {
        timeline.schedule(when, what, instance.machine);
      }
    };
    at(plan.startAt, () => {
      instance.boot().catch((error: unknown) => this.bootFailures.push(`${plan.name}: ${String(error)}`));
    });
    at(plan.drainAt, () => instance.drain());
    at(plan.stopAt, () => this.stop(instance));
    at(plan.killAt, () => instance.kill());
    plan.secretsAt.forEach((when, index) => at(when, () => (instance.secret = `secret-${index + 2}`)));
  }

  private tokensBut(instance: Instance): string[] {
    return [...this.instances.values()]
      .filter((other) => other !== instance && other.state === 'running')
      .flatMap(({ running }) => running?.runtime.memory.held?.accessToken ?? []);
  }

  private hear(instance: Instance, sent: SentCall, status: number): void {
    const held = instance.running?.runtime.memory.held?.accessToken;
    this.answers.push({ at: this.world.now, instance: instance.name, sent, status, held });
  }
}
