import { PERMANENT_FAULTS, RETRY_AFTER_FAULTS } from '../quiqup/endpoint-faults.js';
import {
  at,
  endpointFault,
  holds,
  outages,
  partitions,
  redisFaults,
  revocations,
  revocationsInARow,
  some,
  someInstance,
  type FaultDraw,
} from './fault-draws.js';
import type { CacheKind, CallKind, Fault } from './scenario.js';

export interface ScenarioClass {
  readonly about: string;
  readonly faults: (draw: FaultDraw) => Fault[];
  readonly caches?: readonly [CacheKind, ...CacheKind[]];
  /** Kinds of calls in addition to GET and POST. */
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
  'cold outage': {
    about: 'the token endpoint fails before the first token, and goes on for long',
    faults: (draw) => {
      const names = ['silent', 'status 503', 'refused', 'lost answer', 'slow'] as const;
      return [{ ...endpointFault(draw, names, 1_000), at: 0, ms: draw.random.whole(8_000, 60_000) }];
    },
    calmMs: 30_000,
  },
  'frozen askers': {
    about: 'whoever asks the token endpoint stands still, longer than its lock lives',
    faults: (draw) =>
      Array.from({ length: 6 }, () => ({ kind: 'freeze asker', at: at(draw), ms: draw.random.whole(6_500, 14_000) })),
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
    faults: (draw) => [{ kind: 'secret', at: at(draw), overlapMs: draw.random.whole(0, 40_000) }],
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
