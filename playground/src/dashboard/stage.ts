import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Environment } from '../environment.js';
import { Fleet } from '../instances/fleet.js';
import type { RedisServer } from '../redis/redis-server.js';
import type { SimulatedQuiqup } from '../simulator/simulated-quiqup.js';
import type { Action } from './action.js';
import * as acts from './acts.js';
import { ControlPanel } from './control-panel.js';
import { Timeline } from './timeline.js';

/** Carries out the page's actions on Quiqup, Redis and the instances. */
@Injectable()
export class Stage {
  constructor(
    private readonly environment: Environment,
    private readonly fleet: Fleet,
    private readonly timeline: Timeline,
    private readonly panel: ControlPanel,
  ) {}

  async perform(action: Action): Promise<void> {
    switch (action.action) {
      case 'revoke':
        this.timeline.began(acts.revoked(this.simulated().simulator.revokeAll()));
        break;
      case 'policy':
        this.simulated().simulator.policy = action.policy;
        this.timeline.began(acts.policySet(action.policy));
        break;
      case 'lifetime':
        this.simulated().simulator.lifetime = action.seconds;
        this.timeline.began(acts.lifetimeSet(action.seconds));
        break;
      case 'endpoint':
        this.setEndpoint(this.simulated(), action.mode);
        break;
      case 'change-secret':
        this.simulated().changeSecret();
        this.timeline.disturbed('secret', 'secret unknown');
        this.timeline.began(acts.secretChanged());
        break;
      case 'hand-out-secret':
        this.timeline.began(acts.secretHandedOut());
        this.timeline.mended('secret');
        this.fleet.setSecret(this.simulated().clientSecret);
        break;
      case 'rate':
        this.setRate(action.perSecond);
        break;
      case 'stop-redis':
        await this.stopRedis(this.ownRedis());
        break;
      case 'start-redis':
        await this.startRedis(this.ownRedis());
        break;
      case 'add-instance':
        await this.addInstance();
        break;
      case 'remove-instance':
        await this.removeInstance(action.id);
    }
  }

  private simulated(): SimulatedQuiqup {
    const { quiqup } = this.environment;
    if (quiqup === undefined) {
      throw new NotFoundException('Nothing is broken while the real Quiqup is used.');
    }
    return quiqup;
  }

  private ownRedis(): RedisServer {
    const { redis, quiqup } = this.environment;
    if (redis === undefined || quiqup === undefined) {
      throw new NotFoundException('There is no Redis here that may be stopped.');
    }
    return redis;
  }

  private setEndpoint(quiqup: SimulatedQuiqup, mode: SimulatedQuiqup['endpoint']): void {
    const act = acts.endpointSet(mode);
    quiqup.endpoint = mode;
    if (mode === 'works') {
      this.timeline.mended('endpoint');
    } else {
      this.timeline.disturbed('endpoint', act.label ?? mode);
    }
    this.timeline.began(act);
  }

  private setRate(perSecond: number): void {
    this.simulated();
    this.fleet.setRate(perSecond);
    this.timeline.began(acts.rateSet(perSecond));
  }

  private async stopRedis(redis: RedisServer): Promise<void> {
    if (redis.isRunning) {
      this.timeline.disturbed('redis', 'Redis stopped');
      this.timeline.began(acts.redisStopped(() => this.fleet.size));
      await redis.stop();
    }
  }

  private async startRedis(redis: RedisServer): Promise<void> {
    if (!redis.isRunning) {
      this.timeline.began(acts.redisStarted(() => this.fleet.size));
      await redis.restart();
      this.timeline.mended('redis');
    }
  }

  private async addInstance(): Promise<void> {
    if (this.panel.controls.instances?.canAdd !== true) {
      throw new ConflictException('No more instances can be added.');
    }
    this.timeline.began(acts.instanceAdded(this.fleet.upcomingId, this.environment.isShared));
    await this.fleet.add();
  }

  private async removeInstance(id: number): Promise<void> {
    const instance = this.fleet.instances.find((one) => one.id === id && one.isRemovable);
    if (instance === undefined) {
      throw new NotFoundException(`There is no instance ${id} that could be stopped.`);
    }
    this.timeline.began(acts.instanceRemoved(id));
    await this.fleet.remove(id);
  }
}
