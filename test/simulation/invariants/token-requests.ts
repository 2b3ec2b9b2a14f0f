import { ruleOf } from '../quiqup/endpoint-faults.js';
import type { Fleet } from '../fleet/fleet.js';
import type { TokenRequestSeen } from '../quiqup/quiqup-server.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Violation } from './violation.js';

/** A token is renewed once 80 % of its lifetime has passed, less the jitter. */
const EARLIEST_RENEWAL = 0.75;
const REUSED_PER_LIFETIME = 4;
const BURST = 3;
const LONGEST_INTERVAL_MS = 30_000;

function isCounted({ faults, instances }: Scenario): boolean {
  const stays = instances.every(({ killAt, stopAt }) => killAt === undefined && stopAt === undefined);
  return stays && faults.every(({ kind }) => kind === 'revoke' || kind === 'wall jump');
}

/** How many requests the fleet needs in `ms` if nothing but age ends its tokens. */
export function neededBy({ policy, lifetimeMs }: Scenario, ms: number): number {
  return policy === 'reuse'
    ? 3 + Math.ceil((ms / lifetimeMs) * REUSED_PER_LIFETIME)
    : 1 + Math.ceil(ms / (lifetimeMs * EARLIEST_RENEWAL));
}

/** One token request a rotation (about three under reuse), and under 401s no more than the budget adds. */
export function* checkTokenRequests(fleet: Fleet): Generator<Violation> {
  const { scenario, quiqup } = fleet;
  const ms = scenario.endsAt;
  const forbidden = scenario.calls.filter(({ kind }) => kind === 'forbidden').length;
  const refreshed = scenario.calls.filter(({ kind }) => kind === 'refresh').length;
  const revoked = scenario.faults.filter(({ kind }) => kind === 'revoke').length;
  // A wall clock that is set forward looks like sleep, and costs one early renewal.
  const forward = scenario.faults.filter((fault) => fault.kind === 'wall jump' && fault.byMs > 0).length;
  if (!isCounted(scenario)) {
    return;
  }
  if (forbidden + refreshed + revoked + forward === 0 && scenario.policy !== 'reuse') {
    yield* checkGaps(fleet);
  }
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, scenario.lifetimeMs / 4);
  const caused = Math.min(forbidden, BURST + Math.ceil(ms / intervalMs));
  const allowed = neededBy(scenario, ms) + caused + refreshed + revoked + forward;
  if (quiqup.requests.length > allowed) {
    yield {
      invariant: 'one token request a rotation, and no more than the budget for 401s',
      at: 0,
      what: `${quiqup.requests.length} token requests, ${allowed} allowed`,
    };
  }
}

/** Where nothing but age ends tokens, each is asked for once in its time. */
function* checkGaps({ scenario, quiqup }: Fleet): Generator<Violation> {
  const shortestMs = scenario.lifetimeMs * EARLIEST_RENEWAL - scenario.quiqupLatency.high * 2 - 50;
  for (const [index, { at, from }] of quiqup.requests.entries()) {
    const before = quiqup.requests[index - 1];
    if (before !== undefined && at - before.at < shortestMs) {
      yield {
        invariant: 'one token request a rotation, and no more than the budget for 401s',
        at,
        what: `${from} asked ${Math.round(at - before.at)} ms after ${before.from}`,
      };
    }
  }
}

/** A failing endpoint is asked by the whole fleet as by one, as long as its instances see each other. */
export function* checkOutages(fleet: Fleet): Generator<Violation> {
  const { scenario, quiqup } = fleet;
  const seesAll = scenario.faults.every(({ kind }) => kind === 'endpoint');
  if (!seesAll) {
    return;
  }
  for (const fault of scenario.faults) {
    if (fault.kind !== 'endpoint' || fault.name === 'slow' || fault.name === 'lost answer') {
      continue;
    }
    const asked = quiqup.requests.filter(
      ({ at, outcome }) => outcome === fault.name && at >= fault.at && at <= fault.at + fault.ms,
    );
    // 0.25 s, 0.5 s, 1 s, 2 s, then 2.5 s at least; 30 s doubling after refusals.
    const isPermanent = ruleOf(fault.name)?.isPermanent === true;
    const allowed = isPermanent ? 2 + Math.ceil(fault.ms / 30_000) : 6 + Math.ceil(fault.ms / 2_500);
    if (asked.length > allowed) {
      yield {
        invariant: 'a failing token endpoint is asked with growing pauses, by the fleet as by one',
        at: fault.at,
        what: `${asked.length} token requests in ${fault.ms} ms of ${fault.name}, ${allowed} allowed`,
      };
    }
  }
}

/** `Retry-After` is a floor for the whole fleet, up to a minute. */
export function* checkRetryAfter(fleet: Fleet): Generator<Violation> {
  const { requests } = fleet.quiqup;
  const travelMs = fleet.scenario.quiqupLatency.high * 2;
  const isAlone = fleet.scenario.faults.every(({ kind }) => kind === 'endpoint');
  for (const [index, seen] of requests.entries()) {
    const floorMs = Math.min(seen.retryAfterMs, 60_000) - 1_000;
    const next: TokenRequestSeen | undefined = requests[index + 1];
    // One that had left before the answer came does not count.
    if (isAlone && next !== undefined && next.at - seen.at < floorMs && next.at - seen.at > travelMs) {
      yield {
        invariant: 'Retry-After is a floor',
        at: next.at,
        what: `asked ${Math.round(next.at - seen.at)} ms after an answer that asked for ${seen.retryAfterMs} ms`,
      };
    }
  }
}
