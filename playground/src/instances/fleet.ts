import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Subject } from 'rxjs';
import { Environment } from '../environment.js';
import { ForkedInstance } from './forked-instance.js';
import { InstanceReporter } from './instance-reporter.js';
import type { Instance } from './instance.js';
import { LoadGenerator } from './load-generator.js';
import { LocalInstance } from './local-instance.js';
import type { Observation } from './observation.js';
import { OwnSecret } from './own-secret.js';

export const MOST_INSTANCES = 6;

/** All instances: this process, and those that it started. */
@Injectable()
export class Fleet implements OnModuleDestroy {
  readonly observations$ = new Subject<{ readonly instance: Instance; readonly observation: Observation }>();
  /** Instances that ended by themselves. */
  readonly losses$ = new Subject<Instance>();
  private readonly members = new Map<number, Instance>();
  private perSecond = 0;
  private lastId = 0;
  private secret: string;

  constructor(
    private readonly environment: Environment,
    reporter: InstanceReporter,
    load: LoadGenerator,
    ownSecret: OwnSecret,
  ) {
    this.secret = ownSecret.value;
    this.join(new LocalInstance(this.nextId(), reporter, load, ownSecret));
  }

  get instances(): readonly Instance[] {
    return [...this.members.values()];
  }

  get size(): number {
    return this.members.size;
  }

  /** In all. */
  get rate(): number {
    return this.perSecond;
  }

  /** The id of the instance that would be added next. */
  get upcomingId(): number {
    return this.lastId + 1;
  }

  async add(): Promise<Instance> {
    const variables = { ...this.environment.variables, QUIQUP_CLIENT_SECRET: this.secret };
    const instance = new ForkedInstance(this.nextId(), variables);
    this.join(instance);
    void this.watch(instance);
    await instance.ready();
    this.spread();
    return instance;
  }

  async remove(id: number): Promise<void> {
    await this.members.get(id)?.stop();
  }

  /** So many calls a second, shared out evenly. */
  setRate(perSecond: number): void {
    this.perSecond = perSecond;
    this.spread();
  }

  setSecret(secret: string): void {
    this.secret = secret;
    this.instances.forEach((instance) => instance.setSecret(secret));
  }

  /** Whether the instances have this secret. */
  knows(secret: string): boolean {
    return this.secret === secret;
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop()));
  }

  private async watch(instance: ForkedInstance): Promise<void> {
    const { wasStopped } = await instance.ending;
    this.members.delete(instance.id);
    this.spread();
    if (!wasStopped) {
      this.losses$.next(instance);
    }
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  private join(instance: Instance): void {
    this.members.set(instance.id, instance);
    instance.observe((observation) => this.observations$.next({ instance, observation }));
  }

  private spread(): void {
    this.instances.forEach((instance) => instance.setRate(this.perSecond / this.size));
  }
}
