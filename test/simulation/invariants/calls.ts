import type { CallRecord } from '../fleet/call-record.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Instance } from '../fleet/instance.js';
import { endOf } from '../quiqup/issued-tokens.js';
import { anyHeld, endpointTrouble, secretTrouble, storeTrouble } from './trouble.js';
import type { Violation } from './violation.js';

/** `timeouts.wait` of the options, twice: for the first token and for the one after a 401. */
const LONGEST_WAITS_MS = 20_000;
const SLACK_MS = 50;

/** Two exchanges with the API. */
function exchangesMs({ scenario }: Fleet): number {
  return scenario.quiqupLatency.high * 4;
}

export function checkCalls(fleet: Fleet): Violation[] {
  return fleet.workload.records.flatMap((record) => {
    const instance = fleet.instances.get(record.plan.instance);
    return instance === undefined ? [] : [...checkCall(fleet, record, instance)];
  });
}

function* checkCall(fleet: Fleet, record: CallRecord, instance: Instance): Generator<Violation> {
  const { plan, startedAt, endedAt, outcome, detail, sent, listenersLeft } = record;
  const violation = (invariant: string): Violation => ({
    invariant,
    at: startedAt,
    what: `call ${plan.id} (${plan.kind}) of ${plan.instance}: ${outcome} ${detail}, sent ${sent.length} times, ${Math.round(endedAt - startedAt)} ms`,
  });
  if (sent.length > (plan.kind === 'one-shot' ? 1 : 2)) {
    yield violation('a call is sent at most twice, one that can be read only once at most once');
  }
  if (sent.length === 2 && sent[0]?.token === sent[1]?.token) {
    yield violation('no call is sent again with the token that was refused');
  }
  if (listenersLeft > 0) {
    yield violation('no listener is left on the signal of a caller');
  }
  if (instance.state === 'killed') {
    return;
  }
  if (isUnbounded(fleet, record, instance)) {
    yield violation('every wait is bounded');
  }
  const isHealthy = plan.kind !== 'forbidden' && !(plan.kind === 'aborted' && outcome === 'canceled');
  const wasClosed = instance.stateSince <= endedAt && (instance.state === 'stopping' || instance.state === 'stopped');
  if (!isHealthy || wasClosed || outcome === 'accepted' || outcome === 'pending') {
    return;
  }
  if (plan.kind !== 'refresh' && hadGoodToken(fleet, record)) {
    yield violation('no healthy call fails while a good token is in hand');
  }
  if (outcome === 'token error' && plan.kind !== 'refresh' && couldShareToken(fleet, record)) {
    yield violation('no healthy call fails while another instance shares a good token');
  }
  if (!isExcused(fleet, record)) {
    yield violation('no healthy call fails while a good token can be had');
  }
}

/** Under all faults: time that the machine stood still does not count. */
function isUnbounded(fleet: Fleet, { startedAt, endedAt }: CallRecord, { machine }: Instance): boolean {
  const end = Math.min(endedAt, fleet.world.now);
  const heldMs = machine.holds.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, startedAt)),
    0,
  );
  return end - startedAt - heldMs > LONGEST_WAITS_MS + exchangesMs(fleet) + SLACK_MS;
}

/** The token that was in hand when the call began was good until the call ended. */
function hadGoodToken(fleet: Fleet, { inHand, startedAt, endedAt, sent }: CallRecord): boolean {
  // A newer one had come meanwhile, which was revoked.
  if (sent.some(({ token }) => token !== inHand && (fleet.quiqup.tokens.find(token)?.revokedAt ?? 0) < endedAt)) {
    return false;
  }
  const token = inHand === undefined ? undefined : fleet.quiqup.tokens.find(inHand);
  return token !== undefined && token.issuedAt <= startedAt && endOf(token) > endedAt + SLACK_MS;
}

/** Under reuse a token may be sent for so long past its end. */
const PAST_END_MS = 2_600;

/**
 * It was sent with two tokens that both had ended unnoticed: revoked, or under reuse, where the server
 * tells a token's end in whole seconds, at their own end. It is not sent a third time.
 */
function metTwoEnds({ scenario, quiqup }: Fleet, { sent }: CallRecord): boolean {
  const [first, second] = sent;
  if (first === undefined || second === undefined) {
    return false;
  }
  const isReused = scenario.policy === 'reuse';
  const travelMs = scenario.quiqupLatency.high + SLACK_MS;
  const [one, other] = [first, second].map(({ token, at }) => {
    const issued = quiqup.tokens.find(token);
    return {
      wasRevoked: issued !== undefined && issued.revokedAt < at + travelMs,
      hasEnded:
        issued !== undefined &&
        isReused &&
        issued.expiresAt < at + travelMs &&
        issued.expiresAt > at - travelMs - PAST_END_MS,
    };
  });
  const isRevoking = scenario.policy === 'revoke' || scenario.faults.some(({ kind }) => kind === 'revoke');
  const bothEnded = [one, other].every((sending) => sending?.hasEnded === true || sending?.wasRevoked === true);
  return (bothEnded && (isRevoking || isReused) && first.token !== second.token) || other?.hasEnded === true;
}

/**
 * Another instance had put a good token where this one could see it. A token's life counts from before its request, so
 * that the fleet rightly takes it for ended by a round trip before Quiqup does.
 */
function couldShareToken(fleet: Fleet, { startedAt, endedAt, inOtherHands }: CallRecord): boolean {
  const { scenario, quiqup } = fleet;
  const span = { from: startedAt - 10_000, to: endedAt };
  if (storeTrouble(scenario, span) || secretTrouble(scenario, span) || anyHeld(fleet, span)) {
    return false;
  }
  return inOtherHands.some((text) => {
    const token = quiqup.tokens.find(text);
    return (
      token !== undefined &&
      token.issuedAt < startedAt - 10_000 &&
      endOf(token) > endedAt + exchangesMs(fleet) + SLACK_MS
    );
  });
}

/**
 * Where others use up the budget for 401s: a call of a kind of which its instance saw the last one not accepted, and a
 * `reject()` by hand, of which no kind is known.
 */
function mayLackBudget({ workload, scenario }: Fleet, { plan, startedAt, outcome }: CallRecord): boolean {
  const isUsedUp = scenario.calls.some(({ kind }) => kind === 'forbidden' || kind === 'by hand');
  const before = workload.records
    .filter(
      (other) => other.plan.instance === plan.instance && other.plan.kind === plan.kind && other.endedAt <= startedAt,
    )
    .toSorted((one, other) => other.endedAt - one.endedAt);
  const wasAccepted = before[0]?.outcome === 'accepted';
  return isUsedUp && outcome === 'refused' && (plan.kind === 'by hand' || !wasAccepted);
}

/** When a call may fail though its token might have been replaced in time. */
function isExcused(fleet: Fleet, record: CallRecord): boolean {
  const { plan, startedAt, endedAt, outcome } = record;
  const { scenario, quiqup } = fleet;
  const span = { from: startedAt, to: endedAt };
  if (endpointTrouble(scenario, span) || secretTrouble(scenario, span) || anyHeld(fleet, span)) {
    return true;
  }
  // A body that can be sent only once ends with a 401 if nothing has noticed the token's end before.
  if (plan.kind === 'one-shot' && outcome === 'refused') {
    return true;
  }
  if (metTwoEnds(fleet, record) || mayLackBudget(fleet, record)) {
    return true;
  }
  // So does a call that meets two of them.
  if (quiqup.tokens.revokedBetween(startedAt - exchangesMs(fleet), endedAt) > 1) {
    return true;
  }
  // Without a store, instances knock each other out where a new token ends the old one.
  return scenario.policy === 'revoke' && storeTrouble(scenario, { from: startedAt - 60_000, to: endedAt });
}
