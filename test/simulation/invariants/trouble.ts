import { aftermathOf } from '../quiqup/endpoint-faults.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Fault, Scenario } from '../scenario/scenario.js';

/** A lost store is probed at least this often; then the first commands go out again. */
const STORE_RETURNS_MS = 7_000;
/** Two token requests, and the pause between them. */
const NEW_SECRET_MS = 12_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

function overlap(one: Span, other: Span): boolean {
  return one.from <= other.to && other.from <= one.to;
}

function spanOf(fault: Fault, afterMs: number): Span {
  return { from: fault.at, to: fault.at + ('ms' in fault ? fault.ms : 0) + afterMs };
}

/** Whether the token endpoint failed in that time, or paused after it had failed. */
export function endpointTrouble({ faults }: Scenario, span: Span): boolean {
  return faults.some((fault) => fault.kind === 'endpoint' && overlap(span, spanOf(fault, aftermathOf(fault.name))));
}

/** Whether Redis, or an instance's connection to it, had a fault in that time. */
export function storeTrouble({ faults }: Scenario, span: Span): boolean {
  return faults.some((fault) => {
    if (fault.kind === 'idle death') {
      // Its first command notices it at an unknown time.
      return fault.at <= span.to;
    }
    return (fault.kind === 'redis' || fault.kind === 'partition') && overlap(span, spanOf(fault, STORE_RETURNS_MS));
  });
}

/** Whether an instance asked, or may have asked, with a secret that Quiqup did not take. */
export function secretTrouble({ faults, instances }: Scenario, span: Span): boolean {
  return faults.some((fault) => {
    if (fault.kind !== 'secret') {
      return false;
    }
    const learnt = instances.flatMap(({ secretsAt }) => secretsAt);
    const ends = Math.max(fault.at + fault.overlapMs, ...learnt) + NEW_SECRET_MS;
    return overlap(span, { from: fault.at, to: ends });
  });
}

/** Whether any machine stood still or was killed in that time, or shortly before: it may have held the lock. */
export function anyHeld(fleet: Fleet, { from, to }: Span): boolean {
  return [...fleet.instances.values()].some(
    ({ machine, state, stateSince }) =>
      machine.wasHeld(from - STORE_RETURNS_MS, to) ||
      (state === 'killed' && stateSince > from - STORE_RETURNS_MS && stateSince < to),
  );
}
