import type { SeededRandom } from '../world/seeded-random.js';
import { SeededRandom as Random } from '../world/seeded-random.js';
import { CLASS_NAMES, CLASSES, type ClassName, type ScenarioClass } from './classes.js';
import type { CacheKind, CallKind, CallPlan, Fault, InstancePlan, Scenario } from './scenario.js';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;
const LIFETIMES_MS = [2, 3, 5, 10, 20, 30, 60, 60, 120, 120, 300, 600, 3_600, 3_600]
  .map((seconds) => seconds * SECOND)
  .concat(7 * DAY) as [number, ...number[]];
const WARM_UP_MS = 3 * SECOND;

/** The class that a seed runs in when none is asked for. */
function classOf(seed: number): ClassName {
  return new Random(seed, 'class').pick(CLASS_NAMES);
}

/**
 * The scenario of a seed. The same seed and class make the same one, on every machine.
 *
 * @param size how many instances, which share a Redis; drawn by default
 */
export function drawScenario(seed: number, className: ClassName = classOf(seed), size?: number): Scenario {
  const random = new Random(seed, `scenario/${className}`);
  const rules: ScenarioClass = CLASSES[className];
  const drawnCache = random.pick<CacheKind>(rules.caches ?? ['own', 'own', 'given']);
  const cache = size === undefined ? drawnCache : 'own';
  const lifetimeMs = Math.max(random.pick(LIFETIMES_MS), (rules.shortestLifetimeS ?? 0) * SECOND);
  // Tokens of seconds rotate so often that a minute shows as much as an hour of others.
  const faultyMs = lifetimeMs <= 5 * SECOND ? random.whole(15, 30) * SECOND : random.whole(60, 200) * SECOND;
  const length = size ?? (cache === 'memory' ? 1 : random.whole(1, 5));
  const names = Array.from({ length }, (_, index) => `i${index + 1}`);
  const draw = { random: random.fork('faults'), from: WARM_UP_MS / 2, to: faultyMs, instances: names };
  const faults = rules.faults(draw).toSorted((one, other) => one.at - other.at);
  const calmFrom = Math.max(faultyMs, ...faults.map(endOfFault));
  const endsAt = calmFrom + rules.calmMs;
  const instances = names.map((name, index) =>
    drawInstance({ name, isFirst: index === 0, random: random.fork(name), rules, faultyMs, faults }),
  );
  return {
    seed,
    className,
    policy: random.pick(['fresh', 'revoke', 'reuse']),
    lifetimeMs,
    cache,
    hasSealingKey: random.chance(0.3),
    redisLatency: { low: 0.2, high: random.pick([1, 3, 20]) },
    quiqupLatency: { low: 5, high: lifetimeMs <= 5 * SECOND ? 40 : random.pick([40, 150, 400]) },
    instances,
    calls: drawCalls({ random: random.fork('calls'), rules, calmFrom, endsAt, instances, faults }),
    faults,
    calmFrom,
    endsAt,
  };
}

function endOfFault(fault: Fault): number {
  return fault.at + ('ms' in fault ? fault.ms : 'overlapMs' in fault ? fault.overlapMs : 0);
}

interface InstanceDraw {
  readonly name: string;
  readonly isFirst: boolean;
  readonly random: SeededRandom;
  readonly rules: ScenarioClass;
  readonly faultyMs: number;
  readonly faults: readonly Fault[];
}

function drawInstance({ name, isFirst, random, rules, faultyMs, faults }: InstanceDraw): InstancePlan {
  const moves = rules.comesAndGoes === true && !isFirst;
  const startAt = Math.round(moves && random.chance(0.4) ? random.between(0, faultyMs * 0.7) : random.between(0, 50));
  const goneAt = Math.round(random.between(startAt + 2_000, startAt + faultyMs));
  const end = moves ? random.pick(['stop', 'kill', 'none', 'none']) : 'none';
  const secretsAt = faults.flatMap((fault) => (fault.kind === 'secret' ? [fault.at + random.whole(1, 20_000)] : []));
  return {
    name,
    startAt,
    ...(end === 'stop' && { drainAt: goneAt, stopAt: goneAt + random.whole(0, 5_000) }),
    ...(end === 'kill' && { killAt: goneAt }),
    wallOffsetMs: rules.clocksDiffer === true ? random.whole(-120_000, 120_000) : random.whole(-20, 20),
    rate: rules.clocksDiffer === true ? random.between(0.9999, 1.0001) : 1,
    secretsAt,
  };
}

interface CallsDraw {
  readonly random: SeededRandom;
  readonly rules: ScenarioClass;
  readonly calmFrom: number;
  readonly endsAt: number;
  readonly instances: readonly InstancePlan[];
  readonly faults: readonly Fault[];
}

function drawCalls({ random, rules, calmFrom, endsAt, instances, faults }: CallsDraw): CallPlan[] {
  const calls: CallPlan[] = [];
  const add = (at: number, instance: string, kind: CallKind): void => {
    calls.push({ id: `c${calls.length + 1}`, at: Math.round(at), instance, kind });
  };
  const kinds: readonly [CallKind, ...CallKind[]] = ['get', 'get', 'post', ...(rules.calls ?? [])];
  const spread = random.whole(8, 25);
  for (let count = 0; count < spread; count += 1) {
    const { name, startAt } = random.pick(instances as [InstancePlan, ...InstancePlan[]]);
    const at = random.between(startAt, calmFrom);
    const size = random.chance(0.15) ? random.whole(2, 6) : 1;
    for (let same = 0; same < size; same += 1) {
      add(at, name, random.pick(kinds));
    }
  }
  for (const fault of faults) {
    if (fault.kind === 'revoke') {
      add(
        fault.at + random.between(500, 1_500),
        random.pick(instances as [InstancePlan, ...InstancePlan[]]).name,
        'get',
      );
    }
  }
  for (let at = calmFrom * 0.3; rules.manyCalls !== undefined && at < calmFrom * 0.6; at += 1_000) {
    add(at, random.pick(instances as [InstancePlan, ...InstancePlan[]]).name, rules.manyCalls);
  }
  // When all is calm again, everybody calls: by then the fleet has to be well.
  for (const { name } of instances) {
    add(endsAt - 10_000 + random.between(0, 500), name, 'get');
    add(endsAt - 6_000 + random.between(0, 500), name, 'post');
  }
  return calls.toSorted((one, other) => one.at - other.at);
}
