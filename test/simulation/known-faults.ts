import type { Violation } from './invariants/violation.js';
import type { ClassName } from './scenario/classes.js';
import type { Scenario } from './scenario/scenario.js';

/** What today's rules cannot bear. An entry goes when the rule is mended; a test sees that each still shows. */
export interface KnownFault {
  readonly name: string;
  /** A seed that shows it. */
  readonly seed: number;
  readonly className: ClassName;
  /** The invariants that it breaks, by how their names begin, and under which circumstances. */
  readonly breaks: readonly string[];
  readonly under: (scenario: Scenario) => boolean;
}

type FaultKind = Scenario['faults'][number]['kind'];

function hasFault({ faults }: Scenario, ...kinds: readonly FaultKind[]): boolean {
  return faults.some(({ kind }) => kinds.includes(kind));
}

function hasStoreFault(scenario: Scenario): boolean {
  return hasFault(scenario, 'redis', 'partition', 'idle death');
}

export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    name: 'a revocation within the round trip of a replay makes a kind of calls look denied, which holds up the next',
    seed: 4343,
    className: 'revoked amid 401s',
    breaks: ['no healthy call fails while a good token can be had'],
    under: ({ className }) => className === 'revoked amid 401s',
  },
  {
    name: 'a probe under way at the shutdown leaves its deadline behind, for a second',
    seed: 2767,
    className: 'mixed',
    breaks: ['no timer is left'],
    under: (scenario) => hasStoreFault(scenario) && scenario.cache.startsWith('given'),
  },
];

/** The known faults that a violation may come from: none makes it news. */
export function knownFaultsOf(scenario: Scenario, { invariant }: Violation): readonly KnownFault[] {
  return KNOWN_FAULTS.filter(
    ({ breaks, under }) => breaks.some((beginning) => invariant.startsWith(beginning)) && under(scenario),
  );
}
