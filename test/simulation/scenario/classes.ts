import {
  PERMANENT_FAULTS,
  RETRY_AFTER_FAULTS,
  TRANSIENT_FAULTS,
  type EndpointFaultName,
} from '../quiqup/endpoint-faults.js';
import type { SeededRandom } from '../world/seeded-random.js';
import type { CacheKind, CallKind, Fault } from './scenario.js';

/** What a class of scenarios draws its faults from, in the time that it may have faults in. */
interface FaultDraw {
  readonly random: SeededRandom;
  readonly from: number;
  readonly to: number;
  readonly instances: readonly string[];
}

export interface ScenarioClass {
  readonly about: string;
  readonly faults: (draw: FaultDraw) => Fault[];
  readonly caches?: readonly [CacheKind, ...CacheKind[]];
  /** Calls of these kinds besides GET and POST. */
  readonly calls?: readonly CallKind[];
  /** Instances that start late, stop and are killed. */
  readonly comesAndGoes?: boolean;
  readonly clocksDiffer?: boolean;
  readonly shortestLifetimeS?: number;
  /** Of this kind there are so many that they would never end. */
  readonly manyCalls?: CallKind;
  /** How long after the last fault its pauses may go on, in ms. */
  readonly calmMs: number;
}

function some<T>({ random }: FaultDraw, most: number, make: (index: number) => T): T[] {
  return Array.from({ length: random.whole(1, most) }, (_, index) => make(index));
}

function at({ random, from, to }: FaultDraw): number {
  return Math.round(random.between(from, to));
}

function someInstance({ random, instances }: FaultDraw): string {
  return instances[random.whole(0, instances.length - 1)] ?? '';
}

type EndpointFault = Extract<Fault, { readonly kind: 'endpoint' }>;

function endpointFault(draw: FaultDraw, names: readonly EndpointFaultName[], longestMs: number): EndpointFault {
  const { random, to } = draw;
  const begins = at(draw);
  const name = names[random.whole(0, names.length - 1)] ?? 'reset';
  const ms = Math.min(random.whole(200, longestMs), to - begins);
  return { kind: 'endpoint', name, at: begins, ms, retryAfterS: random.whole(1, 50) };
}

const REDIS_MODES = ['down', 'hang', 'slow', 'lost-reply', 'error', 'read-only'] as const;

/** One after the other, for a server is in one state at a time. */
function redisFaults(draw: FaultDraw): Fault[] {
  const { random, from, to } = draw;
  const count = random.whole(1, 3);
  const slotMs = (to - from) / count;
  return Array.from({ length: count }, (_, index) => ({
    kind: 'redis',
    mode: random.pick(REDIS_MODES),
    at: Math.round(from + slotMs * index + random.between(0, slotMs * 0.3)),
    ms: Math.round(random.between(100, slotMs * 0.6)),
    restartedWith: random.pick(['kept', 'kept', 'empty']),
  }));
}

function partitions(draw: FaultDraw): Fault[] {
  const { random, to } = draw;
  const cuts = draw.instances
    .filter(() => random.chance(0.5))
    .map((instance): Fault => {
      const begins = at(draw);
      const ms = Math.min(random.whole(200, 30_000), to - begins);
      return { kind: 'partition', instance, at: begins, ms, after: random.pick(['late', 'lost']) };
    });
  const deaths = some(draw, 3, (): Fault => {
    return { kind: 'idle death', instance: someInstance(draw), at: at(draw), isSilent: random.chance(0.5) };
  });
  return [...cuts, ...deaths];
}

const revocations = (draw: FaultDraw): Fault[] =>
  some(draw, 4, () => ({ kind: 'revoke', which: draw.random.pick(['current', 'all']), at: at(draw) }));

/** So many so fast that no budget could bear them without its refunds. */
function revocationsInARow({ random, from, to }: FaultDraw): Fault[] {
  const begins = random.between(from, to / 2);
  return Array.from({ length: random.whole(6, 10) }, (_, index) => ({
    kind: 'revoke',
    which: 'all',
    at: Math.round(begins + index * 3_000),
  }));
}

const holds = (draw: FaultDraw, kind: 'sleep' | 'freeze', longestMs: number): Fault[] =>
  some(draw, 3, () => ({ kind, instance: someInstance(draw), at: at(draw), ms: draw.random.whole(50, longestMs) }));

const outages: readonly EndpointFaultName[] = [...TRANSIENT_FAULTS, 'lost answer', 'slow'];

export const CLASSES = {
  quiet: { about: 'no fault at all', faults: () => [], calmMs: 20_000 },
  memory: {
    about: 'one instance without Redis',
    faults: (draw) => [...revocations(draw), endpointFault(draw, outages, 20_000)],
    caches: ['memory'],
    calls: ['one-shot', 'by hand', 'refresh', 'aborted'],
    calmMs: 30_000,
  },
  endpoint: {
    about: 'passing failures of the token endpoint',
    faults: (draw) => [
      ...some(draw, 4, () => endpointFault(draw, outages, 30_000)),
      // From before the first token on.
      ...(draw.random.chance(0.3) ? [{ ...endpointFault(draw, outages, 60_000), at: 0, ms: 40_000 }] : []),
    ],
    calls: ['one-shot', 'aborted', 'refresh'],
    calmMs: 30_000,
  },
  refusals: {
    about: 'lasting refusals of the token endpoint, and pauses that it asks for',
    faults: (draw) => some(draw, 2, () => endpointFault(draw, [...PERMANENT_FAULTS, ...RETRY_AFTER_FAULTS], 40_000)),
    calls: ['aborted'],
    shortestLifetimeS: 60,
    calmMs: 320_000,
  },
  redis: {
    about: 'Redis away, stopped, slow, empty, read-only, losing replies',
    faults: redisFaults,
    calls: ['one-shot', 'by hand', 'refresh'],
    caches: ['own', 'own', 'given', 'given, hiding errors'],
    calmMs: 40_000,
  },
  partitions: {
    about: 'instances that do not reach Redis while others do, and connections that died',
    faults: partitions,
    caches: ['own', 'own', 'given', 'given, hiding errors'],
    calmMs: 40_000,
  },
  revocations: {
    about: 'tokens that are revoked, all paths healthy',
    faults: revocations,
    calls: ['one-shot', 'by hand', 'refresh', 'aborted'],
    calmMs: 40_000,
  },
  'revoked often': {
    about: 'one revocation after the other',
    faults: revocationsInARow,
    calmMs: 40_000,
  },
  'revoked often, by hand': {
    about: 'the same, met by calls that nobody can send again',
    faults: revocationsInARow,
    calls: ['one-shot', 'by hand', 'by hand'],
    calmMs: 40_000,
  },
  'always 401': {
    about: 'a path that is refused whatever the token, beside healthy ones',
    manyCalls: 'forbidden',
    faults: () => [],
    calls: ['forbidden', 'forbidden'],
    calmMs: 40_000,
  },
  'comes and goes': {
    about: 'instances that start, drain, stop and are killed',
    faults: (draw) => (draw.random.chance(0.5) ? revocations(draw) : []),
    comesAndGoes: true,
    calls: ['one-shot', 'aborted', 'refresh'],
    calmMs: 30_000,
  },
  clocks: {
    about: 'wall clocks that are wrong, jump and drift',
    faults: (draw) =>
      some(draw, 4, () => ({
        kind: 'wall jump',
        instance: someInstance(draw),
        at: at(draw),
        byMs: draw.random.whole(-120_000, 120_000),
      })),
    clocksDiffer: true,
    calmMs: 30_000,
  },
  freezes: {
    about: 'processes that stop for a while, such as for a long collection of garbage',
    faults: (draw) => [
      ...holds(draw, 'freeze', 15_000),
      ...some(draw, 3, (): Fault => ({ kind: 'freeze asker', at: at(draw), ms: draw.random.whole(1_000, 12_000) })),
    ],
    calls: ['refresh'],
    calmMs: 40_000,
  },
  sleep: {
    about: 'machines that sleep: the monotonic clock stands still',
    faults: (draw) => holds(draw, 'sleep', 120_000),
    calmMs: 40_000,
  },
  'one way': {
    about: 'instances that do not reach the token endpoint while others do',
    faults: (draw) =>
      some(draw, 3, () => ({
        ...endpointFault(draw, [...outages, ...RETRY_AFTER_FAULTS], 40_000),
        only: someInstance(draw),
      })),
    calmMs: 80_000,
  },
  'retry dates': {
    about: 'wall clocks that are wrong, and pauses that the endpoint asks for by a date',
    faults: (draw) => some(draw, 2, () => endpointFault(draw, ['retry after date'], 40_000)),
    clocksDiffer: true,
    calmMs: 80_000,
  },
  secrets: {
    about: 'client secrets that rotate through the fleet',
    faults: (draw) => [{ kind: 'secret', at: at(draw), overlapMs: draw.random.whole(25_000, 60_000) }],
    calmMs: 60_000,
  },
  snapshot: {
    about: 'Redis restarted from an older copy of its data',
    faults: (draw) => {
      const begins = at(draw);
      const ms = draw.random.whole(200, 5_000);
      return [
        { kind: 'snapshot', at: Math.round(begins * draw.random.between(0.3, 0.95)) },
        { kind: 'redis', mode: 'down', at: begins, ms, restartedWith: 'snapshot' },
      ];
    },
    calls: ['refresh'],
    comesAndGoes: true,
    calmMs: 40_000,
  },
  'revoked amid 401s': {
    about: 'real revocations beside a path that is always refused',
    faults: revocations,
    calls: ['forbidden', 'forbidden'],
    calmMs: 60_000,
  },
  mixed: {
    about: 'Redis, endpoint and revocations together',
    faults: (draw) => [
      ...redisFaults(draw),
      ...revocations(draw),
      ...some(draw, 2, () => endpointFault(draw, outages, 15_000)),
      ...(draw.random.chance(0.5) ? holds(draw, 'freeze', 8_000) : []),
    ],
    calls: ['one-shot', 'by hand', 'refresh', 'aborted', 'forbidden'],
    caches: ['own', 'own', 'given', 'given, hiding errors'],
    comesAndGoes: true,
    clocksDiffer: true,
    calmMs: 60_000,
  },
} satisfies Record<string, ScenarioClass>;

export type ClassName = keyof typeof CLASSES;
export const CLASS_NAMES = Object.keys(CLASSES) as [ClassName, ...ClassName[]];
