import type { Fleet } from '../fleet/fleet.js';
import type { Instance } from '../fleet/instance.js';
import type { SentCall } from '../quiqup/quiqup-adapter.js';
import { FORBIDDEN_PATH } from '../quiqup/quiqup-server.js';
import type { Violation } from './violation.js';

/** A server that reuses tokens is served from for 2 s past their end. */
const PAST_END_MS = 2_600;
/** `timeouts.store` of the options. */
const COMMAND_DEADLINE_MS = 1_000;
/** Of clocks that run up to 0.01 % wrong. */
const DRIFT_MS = 60;
/** Rounded to whole seconds by the server, and taken for the same end up to 1.5 s. */
const REUSE_TOLERANCE_MS = 2_100;

/** A sleep of less than this passes for an adjustment of the wall clock. */
const UNNOTICED_SLEEP_MS = 2_000;

/** A token response serves all who began to wait before it came, however short its life. */
function waitedForIt({ workload }: Fleet, { beliefs }: Instance, { callId, token, at }: SentCall): boolean {
  const cameAt = beliefs.findLast((belief) => belief.token === token && belief.at <= at)?.at ?? 0;
  return workload.records.some(({ plan, startedAt }) => plan.id === callId && startedAt <= cameAt);
}

/** No call leaves with a token that its instance knows to have ended. */
export function* checkEndedTokens(fleet: Fleet): Generator<Violation> {
  const { policy, quiqupLatency, faults } = fleet.scenario;
  const awakeLateMs = policy === 'reuse' ? PAST_END_MS + quiqupLatency.high * 2 + 500 : DRIFT_MS;
  for (const { instance, sent } of fleet.sendings) {
    const token = fleet.quiqup.tokens.find(sent.token);
    const slept = faults.some(({ kind, at }) => kind === 'sleep' && at <= sent.at);
    const lateMs = awakeLateMs + (slept ? UNNOTICED_SLEEP_MS : 0);
    if (token === undefined) {
      yield {
        invariant: 'no call leaves without a token of Quiqup',
        at: sent.at,
        what: `${sent.callId}: '${sent.token}'`,
      };
    } else if (sent.at > token.expiresAt + lateMs && !waitedForIt(fleet, instance, sent)) {
      const afterMs = Math.round(sent.at - token.expiresAt);
      yield {
        invariant: 'no call leaves with a token that is known to have ended',
        at: sent.at,
        what: `${instance.name} sent ${sent.callId} with ${token.text}, which had ended ${afterMs} ms before`,
      };
    }
  }
}

/** An entry is as old as Redis says, less its way there: no longer than a command may take. */
function longestWayMs({ scenario: { redisLatency, faults } }: Fleet): number {
  const isHeldUp = faults.some(
    (fault) =>
      fault.kind === 'partition' || (fault.kind === 'redis' && (fault.mode === 'slow' || fault.mode === 'hang')),
  );
  return redisLatency.high * 2 + (isHeldUp ? COMMAND_DEADLINE_MS : 0);
}

/** No instance assumes a longer lifetime than the real one, by any clock. */
export function* checkBeliefs(fleet: Fleet): Generator<Violation> {
  const { policy } = fleet.scenario;
  const toleranceMs = (policy === 'reuse' ? REUSE_TOLERANCE_MS : DRIFT_MS) + longestWayMs(fleet);
  for (const { name, beliefs, machine } of fleet.instances.values()) {
    for (const { at, token, endsAt } of beliefs) {
      const issued = fleet.quiqup.tokens.find(token);
      // Ages that were counted on a clock that stood still are another invariant's.
      const slept = machine.holds.some(({ from }) => from <= at);
      if (issued !== undefined && !slept && endsAt > issued.expiresAt + toleranceMs) {
        yield {
          invariant: 'no token is thought to live longer than it does',
          at,
          what: `${name} takes ${token} for ${Math.round(endsAt - issued.expiresAt)} ms longer-lived`,
        };
        break;
      }
    }
  }
}

/** A token in hand that is good is replaced by one that was requested later, or by none. */
export function* checkReplacements(fleet: Fleet): Generator<Violation> {
  const { tokens } = fleet.quiqup;
  const { quiqupLatency, faults } = fleet.scenario;
  const hasFreeze = faults.some(({ kind }) => kind === 'freeze' || kind === 'sleep');
  // The order of two tokens is as exact as an entry's age, and counts from their requests.
  const toleranceMs = DRIFT_MS + longestWayMs(fleet) + quiqupLatency.high;
  for (const { name, replacements } of fleet.instances.values()) {
    for (const { at, former, next } of replacements) {
      const [one, other] = [tokens.find(former), tokens.find(next)];
      // A response that a frozen process passes on late serves those who wait, though it has ended as well.
      const mayComeLate = hasFreeze && one !== undefined && one.expiresAt <= at;
      if (!mayComeLate && one !== undefined && other !== undefined && other.issuedAt < one.issuedAt - toleranceMs) {
        yield {
          invariant: 'a token is replaced only by one that was requested later',
          at,
          what: `${name} replaced ${former} by ${next}`,
        };
      }
    }
  }
}

/**
 * A token that was refused on a healthy path, and replaced, is never sent again by that instance. A path that is always
 * refused says nothing about a token.
 */
export function* checkRefusedTokens(fleet: Fleet): Generator<Violation> {
  for (const [name, instance] of fleet.instances) {
    const refusals = fleet.answers.filter(
      ({ instance: by, status, sent }) => by === name && status === 401 && sent.path !== FORBIDDEN_PATH,
    );
    const sendings = fleet.sendings.filter((sending) => sending.instance === instance);
    for (const { at, sent } of refusals) {
      // Another token left since: the refused one had been replaced.
      const next = sendings.find((later) => later.sent.at >= at && later.sent.token !== sent.token);
      const again = next && sendings.find((later) => later.sent.at > next.sent.at && later.sent.token === sent.token);
      if (again !== undefined) {
        yield {
          invariant: 'a token that was refused and replaced never comes back',
          at: again.sent.at,
          what: `${name} sent ${again.sent.callId} with ${sent.token}, refused at ${Math.round(at)}`,
        };
        break;
      }
    }
  }
}
