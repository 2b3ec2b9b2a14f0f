import type { Violation } from './invariants/violation.js';
import type { ClassName } from './scenario/classes.js';
import type { Scenario } from './scenario/scenario.js';

/** What today's rules cannot bear. An entry goes when the rule is mended; a test sees that each still shows. */
export interface KnownFault {
  readonly name: string;
  /** A seed that shows it. */
  readonly seed: number;
  readonly className: ClassName;
  readonly covers: (violation: Violation, scenario: Scenario) => boolean;
}

function has({ faults }: Scenario, ...kinds: readonly Scenario['faults'][number]['kind'][]): boolean {
  return faults.some(({ kind }) => kinds.includes(kind));
}

function calls({ calls: planned }: Scenario, kind: Scenario['calls'][number]['kind']): boolean {
  return planned.some((call) => call.kind === kind);
}

export const KNOWN_FAULTS: readonly KnownFault[] = [];

export function isKnownFault(scenario: Scenario, violation: Violation): boolean {
  return KNOWN_FAULTS.some(({ covers }) => covers(violation, scenario));
}
export { has, calls };
