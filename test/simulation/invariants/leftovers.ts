import type { Fleet } from '../fleet/fleet.js';
import type { Violation } from './violation.js';

const LONGEST_SHUTDOWN_MS = 8_000;
/** The refresher, the probe, the flight with its deadlines, and those of each call. */
const TIMERS_OF_AN_INSTANCE = 20;
const TIMERS_OF_A_CALL = 3;
const KEYS_OF_A_SECRET = 5;

/** After everything was shut down: no lock, timer, connection or waiting call is left, and nothing grew on the way. */
export function* checkAtEndOf(fleet: Fleet): Generator<Violation> {
  const { world, scenario } = fleet;
  const violation = (invariant: string, what: string): Violation => ({ invariant, at: world.now, what });
  for (const { name, machine, redisClient, state, stateSince, timersAtStop } of fleet.instances.values()) {
    const wasCalling = fleet.workload.records.some(
      ({ plan, startedAt, endedAt }) => plan.instance === name && startedAt <= stateSince && endedAt >= stateSince,
    );
    const left = wasCalling ? machine.openTimers : Math.max(timersAtStop, machine.openTimers);
    if (state === 'stopped' && left > 0) {
      yield violation('no timer is left', `${left} of ${name}`);
    }
    if (state === 'stopped' && scenario.cache === 'own' && redisClient?.isOpen === true) {
      yield violation('no connection is left', name);
    }
    const calls = scenario.calls.filter((call) => call.instance === name).length;
    if (machine.mostTimers > TIMERS_OF_AN_INSTANCE + calls * TIMERS_OF_A_CALL) {
      yield violation('memory is bounded', `${machine.mostTimers} timers at once in ${name}`);
    }
  }
  const keys = fleet.redis.data.keys(world.now);
  const locks = keys.filter((key) => key.endsWith(':lock'));
  if (locks.length > 0) {
    yield violation('no lock is left', locks.join(', '));
  }
  const secrets = 1 + scenario.faults.filter(({ kind }) => kind === 'secret').length;
  if (keys.length > secrets * KEYS_OF_A_SECRET) {
    yield violation('memory is bounded', `${keys.length} keys in Redis`);
  }
  for (const { plan, outcome, startedAt } of fleet.workload.records) {
    if (outcome === 'pending' && fleet.instances.get(plan.instance)?.state !== 'killed') {
      yield { invariant: 'every wait is bounded', at: startedAt, what: `call ${plan.id} (${plan.kind}) never ended` };
    }
  }
  for (const { instance, from, to } of fleet.shutdowns) {
    if (to - from > LONGEST_SHUTDOWN_MS && fleet.instances.get(instance)?.machine.wasHeld(from, to) !== true) {
      yield { invariant: 'every wait is bounded', at: from, what: `shutdown of ${instance}: ${to - from} ms` };
    }
  }
}

/** A lock is deleted by its owner, or ends by itself. */
export function* checkLocks({ redis }: Fleet): Generator<Violation> {
  for (const { at, by, from } of redis.stolenLocks) {
    yield { invariant: 'no lock is deleted but by whoever took it', at, what: `${by} deleted the lock of ${from}` };
  }
}

export function* checkErrors({ world, bootFailures }: Fleet): Generator<Violation> {
  for (const error of world.unhandled) {
    yield {
      invariant: 'no rejection is unhandled',
      at: 0,
      what: error instanceof Error ? (error.stack ?? '') : String(error),
    };
  }
  for (const failure of bootFailures) {
    yield { invariant: 'no boot or shutdown fails', at: 0, what: failure };
  }
}
