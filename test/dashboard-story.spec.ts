import { describe, expect, it } from '@jest/globals';
import * as acts from '../playground/src/dashboard/acts.js';
import type { Episode } from '../playground/src/dashboard/frame.js';
import { Narrator } from '../playground/src/dashboard/narrator.js';
import type { CallMark, InstanceEvent, Observation } from '../playground/src/instances/observation.js';

const AT = 1_000;

function seen(calls: readonly CallMark[], events: readonly InstanceEvent[] = []): Observation {
  return { calls, events, status: { health: 'up', isStoreLost: false } };
}

function call(at: number, durationMs: number, outcome: CallMark[2], reason?: string): CallMark {
  const mark = [at, durationMs, outcome, 'last-mile', 'GET /orders/1'] as const;
  return reason === undefined ? mark : [...mark, reason];
}

function token(how: 'acquired' | 'adopted', at = AT): InstanceEvent {
  const times = { staleAt: AT + 800, expiringAt: AT + 900, expiresAt: AT + 1_000 };
  return { type: 'token', at, how, cause: 'rejection', fingerprint: '1f7a465d', ...times };
}

const ASKED: InstanceEvent = { type: 'token-request', at: AT, durationMs: 5, outcome: 'success' };
const REFUSED: InstanceEvent = { type: 'token-request', at: AT, durationMs: 5, outcome: 'QUIQUP_CREDENTIALS_REFUSED' };
const REJECTED: InstanceEvent = { type: 'rejected', at: AT, fingerprint: '6bf9d0c4' };
const LOST: InstanceEvent = { type: 'store', at: AT, isLost: true };
const BACK: InstanceEvent = { type: 'store', at: AT, isLost: false };

/** The text of an act after these observations. */
function told(act: acts.Act, ...observations: readonly Observation[]): Episode {
  const narrator = new Narrator();
  narrator.begin(act, AT);
  observations.forEach((observation, index) => narrator.hear(index + 1, observation));
  return narrator.episodes.at(-1) as Episode;
}

describe('The sentence of the dashboard', () => {
  it('counts what a revocation came to', () => {
    const first = seen([call(AT, 9, 'recovered')], [REJECTED, ASKED, token('acquired')]);
    const others = seen([call(AT, 9, 'recovered')], [REJECTED, token('adopted')]);
    expect(told(acts.revoked(1), first, others, others)).toMatchObject({
      tone: 'good',
      sentence:
        '3 calls were answered 401. One token request brought a new token, 2 instances took it from Redis, and the ' +
        'refused calls were sent again with it. A refused call has not been carried out, so nothing was done twice. No ' +
        'call failed.',
    });
  });

  it('does not say what has not been seen yet', () => {
    expect(told(acts.revoked(1))).toMatchObject({
      tone: 'waiting',
      sentence: 'Quiqup revoked 1 token. The next call will be answered 401.',
    });
    expect(told(acts.revoked(1), seen([], [REJECTED]))).toMatchObject({
      tone: 'waiting',
      sentence: 'One call was answered 401. A new token is on its way.',
    });
  });

  it('counts only what came after the act, and of a revocation only what it caused', () => {
    const before = seen([call(AT - 1, 9, 'failed', '500')], [{ ...REJECTED, at: AT - 1 }]);
    const after = seen([call(AT, 9, 'recovered')], [REJECTED, ASKED]);
    const later = seen([call(AT + 60_000, 9, 'failed', '500')], [{ ...ASKED, at: AT + 60_000 }]);
    expect(told(acts.revoked(1), before, after, later).sentence).toMatch(
      /^One call was answered 401\. One token request brought a new token and the refused call was sent again/,
    );
  });

  it('says how long a call was held up', () => {
    const restored = seen([call(AT, 2_345, 'ok')], [ASKED]);
    expect(told(acts.endpointSet('works'), restored).sentence).toBe(
      'The token endpoint works again: 1 token request brought a token since. No call failed; the longest waited 2.3 s ' +
        'for its token.',
    );
  });

  it.each<[string, acts.Act, Observation, RegExp]>([
    [
      'an outage',
      acts.endpointSet('fails'),
      seen([call(AT, 2, 'ok')], [REFUSED]),
      /One token request failed\. .* 1 call went/,
    ],
    [
      'another secret',
      acts.secretChanged(),
      seen([call(AT, 2, 'ok')], [REFUSED]),
      /with the old secret was refused\. Calls go/,
    ],
    [
      'a secret handed out',
      acts.secretHandedOut(),
      seen([], [ASKED]),
      /without a restart: .* One token request succeeded/,
    ],
    [
      'Redis gone',
      acts.redisStopped(() => 3),
      seen([], [LOST, ASKED]),
      /1 of 3 instances noticed .* 1 token request so/,
    ],
    ['Redis back', acts.redisStarted(() => 3), seen([], [BACK]), /1 of 3 instances came back to it/],
    [
      'a new instance',
      acts.instanceAdded(1, true),
      seen([], [token('adopted')]),
      /Instance 1 took the token from Redis/,
    ],
    ['one without Redis', acts.instanceAdded(1, false), seen([], [ASKED]), /asked for a token, as each process has/],
    [
      'a policy',
      acts.policySet('revoke'),
      seen([call(AT, 2, 'recovered')], [ASKED]),
      /One call under way met a 401 and was/,
    ],
    ['a lifetime', acts.lifetimeSet(5), seen([call(AT, 2, 'ok')], [ASKED]), /One token request served 1 call since/],
  ])('tells the consequence of %s', (_what, act, observation, sentence) => {
    expect(told(act, observation)).toMatchObject({ tone: 'good', sentence: expect.stringMatching(sentence) });
  });

  it.each<[string, acts.Act]>([
    ['the start', acts.begun(() => 1, false)],
    ['a revocation', acts.revoked(1)],
    ...(['works', 'fails', 'stalls', 'rate-limits'] as const).map((mode): [string, acts.Act] => [
      `the endpoint: ${mode}`,
      acts.endpointSet(mode),
    ]),
    ['another secret', acts.secretChanged()],
    ['a secret handed out', acts.secretHandedOut()],
    ['Redis gone', acts.redisStopped(() => 1)],
    ['Redis back', acts.redisStarted(() => 1)],
    ['a new instance', acts.instanceAdded(2, true)],
    ['an instance stopped', acts.instanceRemoved(2)],
    ['an instance lost', acts.instanceLost(2)],
    ['a policy', acts.policySet('fresh')],
    ['a lifetime', acts.lifetimeSet(5)],
    ['a load', acts.rateSet(20)],
  ])('never passes over calls that failed: after %s', (_what, act) => {
    const calls: CallMark[] = [
      call(AT, 2, 'ok'),
      call(AT, 2, 'failed', 'QUIQUP_RATE_LIMITED'),
      call(AT, 2, 'failed', 'QUIQUP_RATE_LIMITED'),
    ];
    expect(told(act, seen(calls, [REFUSED]))).toMatchObject({
      tone: 'bad',
      sentence: expect.stringContaining('2 calls of 3 failed (2 × QUIQUP_RATE_LIMITED).'),
    });
  });
});
