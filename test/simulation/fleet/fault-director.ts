import type { Fault } from '../scenario/scenario.js';
import type { World } from '../world/world.js';
import type { Fleet } from './fleet.js';
import type { Instance } from './instance.js';

type FaultOf<K extends Fault['kind']> = Extract<Fault, { readonly kind: K }>;

/** Makes the faults of a scenario happen. */
export class FaultDirector {
  private secrets = 1;

  constructor(private readonly fleet: Pick<Fleet, 'world' | 'redis' | 'quiqup' | 'instances'>) {}

  planAll(faults: readonly Fault[]): void {
    [...faults].toSorted((one, other) => one.at - other.at).forEach((fault) => this.plan(fault));
  }

  private get world(): World {
    return this.fleet.world;
  }

  private plan(fault: Fault): void {
    const { quiqup, redis } = this.fleet;
    switch (fault.kind) {
      case 'redis':
        this.at(fault.at, () => redis.enter(fault.mode, fault.restartedWith));
        this.at(fault.at + fault.ms, () => redis.enter('up'));
        return;
      case 'snapshot':
        this.at(fault.at, () => redis.takeSnapshot());
        return;
      case 'endpoint': {
        const begun = { name: fault.name, retryAfterS: fault.retryAfterS, only: fault.only };
        this.at(fault.at, () => quiqup.begin(begun));
        this.at(fault.at + fault.ms, () => quiqup.end(begun));
        return;
      }
      case 'freeze asker':
        this.at(fault.at, () => {
          quiqup.onNextRequest = (from) => this.fleet.instances.get(from)?.machine.freeze(fault.ms);
        });
        return;
      case 'revoke':
        this.at(fault.at, () => this.revoke(fault));
        return;
      case 'secret':
        this.planSecret(fault);
        return;
      default:
        this.planOf(fault);
    }
  }

  /** The faults of one instance. */
  private planOf(
    fault: FaultOf<'partition'> | FaultOf<'idle death'> | FaultOf<'wall jump'> | FaultOf<'sleep' | 'freeze'>,
  ): void {
    const instance = this.fleet.instances.get(fault.instance);
    if (instance === undefined) {
      return;
    }
    if (fault.kind === 'partition') {
      this.at(fault.at, () => instance.network.cut());
      this.at(fault.at + fault.ms, () => instance.network.heal(fault.after));
    } else {
      this.at(fault.at, () => this.strike(fault, instance));
    }
  }

  private strike(
    fault: FaultOf<'idle death'> | FaultOf<'wall jump'> | FaultOf<'sleep' | 'freeze'>,
    instance: Instance,
  ): void {
    this.world.note(instance.name, fault.kind);
    switch (fault.kind) {
      case 'idle death':
        instance.redisClient?.dieIdle(fault.isSilent);
        return;
      case 'wall jump':
        instance.machine.setWallClock(fault.byMs);
        return;
      case 'sleep':
        instance.machine.sleep(fault.ms);
        return;
      case 'freeze':
        instance.machine.freeze(fault.ms);
    }
  }

  private revoke({ which }: FaultOf<'revoke'>): void {
    const { tokens } = this.fleet.quiqup;
    this.world.note('quiqup', `revokes ${which}`);
    if (which === 'all') {
      tokens.revokeAll(this.world.now);
    } else if (tokens.current !== undefined) {
      tokens.revoke(tokens.current.text, this.world.now);
    }
  }

  private planSecret({ at, overlapMs }: FaultOf<'secret'>): void {
    const { quiqup } = this.fleet;
    const [former, next] = [`secret-${this.secrets}`, `secret-${(this.secrets += 1)}`];
    this.at(at, () => quiqup.acceptSecret(next));
    this.at(at + overlapMs, () => quiqup.refuseSecret(former));
  }

  private at(when: number, what: () => void): void {
    this.world.timeline.schedule(when, what);
  }
}
