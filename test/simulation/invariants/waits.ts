import type { Fleet } from '../fleet/fleet.js';
import { endOf } from '../quiqup/issued-tokens.js';
import type { Scenario } from '../scenario/scenario.js';
import { anyHeld } from './trouble.js';
import type { Violation } from './violation.js';

const SLACK_MS = 20;
/** Longest wait of a call with an expiring token, and of one that can be read only once. */
const SHORT_WAIT_MS = 1_000;
/** Rounded to whole seconds by a server that reuses tokens. */
const REUSE_TOLERANCE_MS = 2_100;

/** Only the requests that a call needs slow it down. */
function isSwift({ faults, calls }: Scenario): boolean {
  return (
    faults.every(({ kind }) => kind === 'revoke' || kind === 'wall jump') &&
    calls.every(({ kind }) => kind !== 'forbidden' && kind !== 'refresh')
  );
}

/**
 * Without other faults than revocations: a call with a good token is as fast as its exchange (and a short wait at the
 * token's end), one without waits for no more than two token requests.
 */
export function* checkWaits({ scenario, workload, quiqup, instances }: Fleet): Generator<Violation> {
  if (!isSwift(scenario)) {
    return;
  }
  const exchangeMs = scenario.quiqupLatency.high * 2 + SLACK_MS;
  const isCalm = scenario.faults.length === 0 && scenario.policy === 'fresh';
  for (const { plan, startedAt, endedAt, inHand } of workload.records) {
    const token = inHand === undefined ? undefined : quiqup.tokens.find(inHand);
    const isGood = token !== undefined && endOf(token) > endedAt + scenario.lifetimeMs * 0.11;
    // In a short-lived token's last tenth, behind a cold start, and with a body that is sent once, a wait is by design.
    const isShort = isCalm && isGood && plan.kind !== 'one-shot';
    const longestMs = isShort ? exchangeMs : exchangeMs * 4 + SHORT_WAIT_MS * 2;
    const wasKilled = instances.get(plan.instance)?.state === 'killed';
    // Whoever was killed with the lock in hand keeps the others out until it ends.
    const mayWaitForLock = scenario.instances.some(({ killAt }) => killAt !== undefined);
    if (endedAt - startedAt > longestMs && !wasKilled && !mayWaitForLock) {
      yield {
        invariant: 'no call waits longer than it must',
        at: startedAt,
        what: `call ${plan.id} (${plan.kind}) of ${plan.instance}: ${Math.round(endedAt - startedAt)} ms, ${longestMs} allowed`,
      };
    }
  }
}

/**
 * Whatever fails: a call with an expiring token leaves with it after a second at most, if it is good until then. One that
 * can be read only once waits for a renewal under way besides.
 */
export function* checkShortWaits({ scenario, workload, quiqup, instances }: Fleet): Generator<Violation> {
  // A token is taken for ended by so much before its server does.
  const earlyMs = scenario.quiqupLatency.high * 2 + (scenario.policy === 'reuse' ? REUSE_TOLERANCE_MS : 0) + SLACK_MS;
  for (const { plan, startedAt, phase, sent, inHand } of workload.records) {
    const longestMs = plan.kind === 'one-shot' ? SHORT_WAIT_MS * 2 : SHORT_WAIT_MS;
    const waitedMs = (sent[0]?.at ?? startedAt) - startedAt;
    const token = inHand === undefined ? undefined : quiqup.tokens.find(inHand);
    const isGood = token !== undefined && endOf(token) > startedAt + longestMs + earlyMs;
    const wasHeld = instances.get(plan.instance)?.machine.wasHeld(startedAt, startedAt + waitedMs) === true;
    if (phase === 'expiring' && isGood && waitedMs > longestMs + SLACK_MS && !wasHeld) {
      yield {
        invariant: 'no call with an expiring token waits for long',
        at: startedAt,
        what: `call ${plan.id} (${plan.kind}) of ${plan.instance} left after ${Math.round(waitedMs)} ms`,
      };
    }
  }
}

const FIRST_TOKEN_MS = 3_000;

/** Where nothing fails, no call finds a token that has ended: it was renewed ahead of time. */
export function* checkRenewedInTime(fleet: Fleet): Generator<Violation> {
  const { scenario, workload } = fleet;
  if (scenario.faults.length > 0 || scenario.policy === 'reuse') {
    return;
  }
  for (const { plan, startedAt, phase } of workload.records) {
    const { startAt = 0, drainAt = Infinity } = scenario.instances.find(({ name }) => name === plan.instance) ?? {};
    // Whoever was killed with the lock in hand keeps the others out until it ends.
    const isLocked = anyHeld(fleet, { from: startedAt, to: startedAt });
    const isRenewed = startedAt > startAt + FIRST_TOKEN_MS && startedAt < drainAt && !isLocked;
    if (isRenewed && (phase === 'expired' || phase === 'none')) {
      yield {
        invariant: 'a token is renewed before it ends',
        at: startedAt,
        what: `call ${plan.id} (${plan.kind}) of ${plan.instance} found its token ${phase}`,
      };
    }
  }
}
