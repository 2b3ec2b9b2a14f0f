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
    name: 'an older stored token replaces a newer one',
    seed: 10,
    className: 'redis',
    breaks: ['a token is replaced only by one that was requested later'],
    under: (scenario) => hasStoreFault(scenario) || hasFault(scenario, 'secret', 'freeze', 'sleep'),
  },
  {
    name: 'paths that are always refused hold up real revocations',
    seed: 9,
    className: 'revoked amid 401s',
    breaks: ['no healthy call fails while a good token can be had'],
    under: (scenario) => hasFault(scenario, 'revoke') && scenario.calls.some(({ kind }) => kind === 'forbidden'),
  },
  {
    name: 'a request that no call of ours repeats (one-shot, by hand) is never refunded, and holds up later revocations',
    seed: 1,
    className: 'revoked often, by hand',
    breaks: ['no healthy call fails while a good token can be had'],
    under: ({ className }) => className === 'revoked often, by hand',
  },
  {
    name: 'a date in Retry-After is measured by our wall clock',
    seed: 1,
    className: 'retry dates',
    breaks: ['Retry-After is a floor', 'a failing token endpoint is asked with growing pauses'],
    under: ({ instances, faults }) =>
      instances.some(({ wallOffsetMs }) => Math.abs(wallOffsetMs) > 500) &&
      faults.some((fault) => fault.kind === 'endpoint' && fault.name === 'retry after date'),
  },
  {
    name: 'a process that slept takes an ended token for a good one',
    seed: 1,
    className: 'sleep',
    breaks: ['no call leaves with a token that is known to have ended', 'no healthy call fails', 'no token is thought'],
    under: (scenario) => hasFault(scenario, 'sleep'),
  },
  {
    name: 'a renewal that loses the store hands out the token in hand, which has ended meanwhile',
    seed: 21,
    className: 'redis',
    breaks: ['no call leaves with a token that is known to have ended'],
    under: hasStoreFault,
  },
  {
    name: 'a command that was given up is carried out later, and its entry is taken for a young one',
    seed: 6,
    className: 'redis',
    breaks: [
      'no token is thought to live longer than it does',
      'no call leaves with a token that is known to have ended',
    ],
    under: hasStoreFault,
  },
  {
    name: 'a token that was refused here comes back under another id, where the endpoint had repeated it to others',
    seed: 219,
    className: 'mixed',
    breaks: ['a token that was refused and replaced never comes back'],
    under: (scenario) => scenario.policy === 'reuse' && hasFault(scenario, 'revoke'),
  },
  {
    name: 'a probe under way at the shutdown leaves its deadline behind, for a second',
    seed: 964,
    className: 'mixed',
    breaks: ['no timer is left'],
    under: (scenario) => hasStoreFault(scenario) && scenario.cache.startsWith('given'),
  },
  {
    name: 'a pause after a failure forbids to look into the store',
    seed: 24,
    className: 'retry dates',
    breaks: ['no healthy call fails while another instance shares a good token'],
    under: (scenario) => hasFault(scenario, 'endpoint'),
  },
];

/** The known faults that a violation may come from: none makes it news. */
export function knownFaultsOf(scenario: Scenario, { invariant }: Violation): readonly KnownFault[] {
  return KNOWN_FAULTS.filter(
    ({ breaks, under }) => breaks.some((beginning) => invariant.startsWith(beginning)) && under(scenario),
  );
}
