import { Injectable } from '@nestjs/common';
import { Environment } from '../environment.js';
import { Fleet, MOST_INSTANCES } from '../instances/fleet.js';
import { HIGHEST_RATE } from './action.js';
import type { Controls } from './frame.js';

/** The available controls and their states. */
@Injectable()
export class ControlPanel {
  constructor(
    private readonly environment: Environment,
    private readonly fleet: Fleet,
  ) {}

  get controls(): Controls {
    const { quiqup, redis, isShared } = this.environment;
    const { rate, size } = this.fleet;
    return {
      ...(quiqup && {
        quiqup: {
          policy: quiqup.simulator.policy,
          lifetime: quiqup.simulator.lifetime,
          endpoint: quiqup.endpoint,
          isSecretKnown: this.fleet.knows(quiqup.clientSecret),
          rate,
          highestRate: HIGHEST_RATE,
        },
      }),
      // The real Quiqup has no controls for faults.
      ...(quiqup && redis && { redis: { isRunning: redis.isRunning } }),
      // Instances that share nothing would ask the real Quiqup for a token each.
      ...((quiqup ?? isShared) && { instances: { canAdd: size < MOST_INSTANCES } }),
    };
  }
}
