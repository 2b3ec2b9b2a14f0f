import { TRANSIENT_FAULTS, type EndpointFaultName } from '../quiqup/endpoint-faults.js';
import type { SeededRandom } from '../world/seeded-random.js';
import type { Fault } from './scenario.js';

/** The faults of a class of scenarios, and the time for them. */
export interface FaultDraw {
  readonly random: SeededRandom;
  readonly from: number;
  readonly to: number;
  readonly instances: readonly string[];
}

export function some<T>({ random }: FaultDraw, most: number, make: (index: number) => T): T[] {
  return Array.from({ length: random.whole(1, most) }, (_, index) => make(index));
}

export function at({ random, from, to }: FaultDraw): number {
  return Math.round(random.between(from, to));
}

export function someInstance({ random, instances }: FaultDraw): string {
  return instances[random.whole(0, instances.length - 1)] ?? '';
}

type EndpointFault = Extract<Fault, { readonly kind: 'endpoint' }>;

export function endpointFault(draw: FaultDraw, names: readonly EndpointFaultName[], longestMs: number): EndpointFault {
  const { random, to } = draw;
  const begins = at(draw);
  const name = names[random.whole(0, names.length - 1)] ?? 'reset';
  const ms = Math.min(random.whole(200, longestMs), to - begins);
  return { kind: 'endpoint', name, at: begins, ms, retryAfterS: random.whole(1, 50) };
}

const REDIS_MODES = ['down', 'hang', 'slow', 'lost-reply', 'error', 'read-only'] as const;

/** One after the other, because a server is in one state at a time. */
export function redisFaults(draw: FaultDraw): Fault[] {
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

export function partitions(draw: FaultDraw): Fault[] {
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

export const revocations = (draw: FaultDraw): Fault[] =>
  some(draw, 4, () => ({ kind: 'revoke', which: draw.random.pick(['current', 'all']), at: at(draw) }));

/** So many so fast that no budget could bear them without its refunds. */
export function revocationsInARow({ random, from, to }: FaultDraw): Fault[] {
  const begins = random.between(from, to / 2);
  return Array.from({ length: random.whole(6, 10) }, (_, index) => ({
    kind: 'revoke',
    which: 'all',
    at: Math.round(begins + index * 3_000),
  }));
}

export const holds = (draw: FaultDraw, kind: 'sleep' | 'freeze', longestMs: number): Fault[] =>
  some(draw, 3, () => ({ kind, instance: someInstance(draw), at: at(draw), ms: draw.random.whole(50, longestMs) }));

export const outages: readonly EndpointFaultName[] = [...TRANSIENT_FAULTS, 'lost answer', 'slow'];
