import type { EndpointMode } from '../simulator/simulated-quiqup.js';
import type { Tone } from './frame.js';
import type { Tally } from './tally.js';
import { count, countFirst, seconds, wasOrWere } from './wording.js';

/** The outcome of an act so far. */
interface Told {
  readonly sentence: string;
  readonly tone: Tone;
}

/** An act on the instances, and the text for its outcome. */
export interface Act {
  readonly label?: string;
  /** Until when later calls count as its outcome, in ms. */
  readonly lastsMs?: number;
  tell(tally: Tally): Told;
}

/** Long enough for all instances to have met the revoked token. */
const REVOCATION_MS = 6_000;
/** A call that took as long was held up. */
const NOTICEABLE_MS = 500;
const LIST = new Intl.ListFormat('en');

export function begun(instances: () => number, isShared: boolean): Act {
  return {
    tell(tally) {
      const how = isShared
        ? `${count(instances(), 'instance')} ${instances() === 1 ? 'keeps its' : 'share one'} token in Redis.`
        : 'One process keeps its token in memory.';
      const requests = countFirst(tally.tokensFetched, 'token request');
      const served = tally.calls === 0 ? '' : `${requests} served ${count(tally.calls, 'call')}.`;
      return told(tally, 'good', how, served);
    },
  };
}

export function revoked(tokens: number): Act {
  return {
    label: 'revoked',
    lastsMs: REVOCATION_MS,
    tell(tally) {
      if (tally.rejected === 0) {
        const what = tokens === 0 ? 'There was no good token to revoke.' : `Quiqup revoked ${count(tokens, 'token')}.`;
        return told(tally, 'waiting', what, tokens === 0 ? '' : 'The next call will be answered 401.');
      }
      const refused = `${countFirst(tally.rejected, 'call')} ${wasOrWere(tally.rejected)} answered 401.`;
      const fetched =
        tally.tokensFetched === 0 ? '' : `${countFirst(tally.tokensFetched, 'token request')} brought a new token`;
      const adopted = tally.adopters.size === 0 ? '' : `${count(tally.adopters.size, 'instance')} took it from Redis`;
      if (tally.recovered === 0) {
        const next =
          tally.tokenRequestsFailed === 0 ? 'A new token is on its way.' : 'There is no other token to be had.';
        return told(tally, 'waiting', refused, next);
      }
      const sent = `the refused ${tally.recovered === 1 ? 'call was' : 'calls were'} sent again with it`;
      const how = LIST.format([fetched, adopted, sent].filter((part) => part !== ''));
      const why = 'A refused call has not been carried out, so nothing was done twice.';
      return told(tally, 'good', refused, `${capitalised(how)}.`, why);
    },
  };
}

const BROKEN: Readonly<Record<Exclude<EndpointMode, 'works'>, { label: string; what: string }>> = {
  fails: { label: 'endpoint 503', what: 'The token endpoint answers 503.' },
  stalls: { label: 'endpoint stalls', what: 'The token endpoint takes requests and never answers.' },
  'rate-limits': { label: 'endpoint 429', what: 'The token endpoint answers 429, come back in 5 s.' },
};

export function endpointSet(mode: EndpointMode): Act {
  if (mode === 'works') {
    return {
      label: 'endpoint works',
      tell: (tally) =>
        tally.tokensFetched === 0
          ? told(tally, 'waiting', 'The token endpoint works again.', 'It is asked when the pause ends.')
          : told(
              tally,
              'good',
              'The token endpoint works again:',
              `${count(tally.tokensFetched, 'token request')} brought a token since.`,
            ),
    };
  }
  const { label, what } = BROKEN[mode];
  return {
    label,
    tell(tally) {
      if (tally.tokenRequestsFailed === 0) {
        return told(tally, 'waiting', what, 'Nobody has asked it yet: calls use the token in hand.');
      }
      const asked = `${countFirst(tally.tokenRequestsFailed, 'token request')} failed`;
      return tally.failed === 0
        ? told(
            tally,
            'good',
            what,
            `${asked}. Renewal begins while the token is good, so ${count(tally.calls, 'call')} went on with it.`,
          )
        : told(tally, 'bad', what, `${asked}, and the token ended meanwhile.`);
    },
  };
}

export function secretChanged(): Act {
  return {
    label: 'secret changed',
    tell(tally) {
      const what = 'Quiqup has another client secret, which the instances do not know.';
      return tally.tokenRequestsFailed === 0
        ? told(tally, 'waiting', what, 'The token in hand stays good until it is renewed.')
        : told(
            tally,
            'good',
            `${countFirst(tally.tokenRequestsFailed, 'token request')} with the old secret`,
            `${wasOrWere(tally.tokenRequestsFailed)} refused.`,
            tally.failed === 0 ? 'Calls go on with the token in hand; hand the new secret out before it ends.' : '',
          );
    },
  };
}

export function secretHandedOut(): Act {
  return {
    label: 'secret handed out',
    tell(tally) {
      const what = 'The instances know the new secret, without a restart: they ask for it at each token request.';
      return tally.tokensFetched === 0
        ? told(tally, 'waiting', what)
        : told(tally, 'good', what, `${countFirst(tally.tokensFetched, 'token request')} succeeded.`);
    },
  };
}

export function redisStopped(instances: () => number): Act {
  return {
    label: 'Redis stopped',
    tell: (tally) =>
      tally.lost.size === 0
        ? told(tally, 'waiting', 'Redis is stopped. Nobody has needed it yet.')
        : told(
            tally,
            'good',
            `Redis is stopped. ${tally.lost.size} of ${count(instances(), 'instance')} noticed and`,
            `${tally.lost.size === 1 ? 'goes' : 'go'} on from memory; whoever needs another token asks for one itself:`,
            `${count(tally.tokensFetched, 'token request')} so far.`,
          ),
  };
}

export function redisStarted(instances: () => number): Act {
  return {
    label: 'Redis started',
    tell: (tally) =>
      tally.back.size === 0
        ? told(tally, 'waiting', 'Redis runs again, empty. Instances that lost it look for it now and then.')
        : told(
            tally,
            'good',
            `Redis runs again, empty. ${tally.back.size} of ${count(instances(), 'instance')} came back to it and`,
            `${tally.back.size === 1 ? 'put its token' : 'put their token'} there for the others.`,
          ),
  };
}

export function instanceAdded(id: number, isShared: boolean): Act {
  return {
    label: `instance ${id} added`,
    tell(tally) {
      if (tally.adopters.has(id)) {
        return told(tally, 'good', `Instance ${id} took the token from Redis: no token request.`);
      }
      if (!tally.askers.has(id)) {
        return told(tally, 'waiting', `Instance ${id} is starting.`);
      }
      const why = isShared ? 'as Redis had none' : 'as each process has its own without Redis';
      return told(tally, 'good', `Instance ${id} asked for a token, ${why}.`);
    },
  };
}

export function instanceRemoved(id: number): Act {
  return {
    label: `instance ${id} stopped`,
    tell: (tally) => told(tally, 'good', `Instance ${id} stopped after its last call. Its token stays good.`),
  };
}

export function instanceLost(id: number): Act {
  return {
    label: `instance ${id} lost`,
    tell: (tally) => told(tally, 'good', `Instance ${id} ended by itself; the others go on.`),
  };
}

const POLICIES = {
  fresh: 'From now on each token request brings a new token, and the one before lives on.',
  revoke: 'From now on each new token ends the one before at once.',
  reuse: 'From now on a token request brings the same token again, until it ends.',
} as const;

export function policySet(policy: keyof typeof POLICIES): Act {
  return {
    label: `policy ${policy}`,
    tell(tally) {
      const asked = tally.tokensFetched === 0 ? '' : `${countFirst(tally.tokensFetched, 'token request')} since.`;
      const refused =
        tally.recovered === 0
          ? ''
          : `${countFirst(tally.recovered, 'call')} under way met a 401 and ${wasOrWere(tally.recovered)} sent again.`;
      return told(tally, asked === '' ? 'waiting' : 'good', POLICIES[policy], asked, refused);
    },
  };
}

export function lifetimeSet(lifetime: number): Act {
  return {
    label: `lifetime ${lifetime} s`,
    tell: (tally) =>
      tally.tokensFetched === 0
        ? told(tally, 'waiting', `The next token lives ${lifetime} s.`)
        : told(
            tally,
            'good',
            `Tokens live ${lifetime} s.`,
            `${countFirst(tally.tokensFetched, 'token request')} served ${count(tally.calls, 'call')} since,`,
            'as each is renewed once, ahead of time.',
          ),
  };
}

export function rateSet(perSecond: number): Act {
  return {
    tell: (tally) =>
      told(
        tally,
        'good',
        `The instances send ${count(perSecond, 'call')} a second in all.`,
        `${count(tally.calls, 'call')} since by ${count(tally.tokensFetched, 'token request')}.`,
        failures(tally),
      ),
  };
}

/** Failed calls are always reported. */
function told(tally: Tally, tone: Tone, ...parts: readonly string[]): Told {
  const sentence = [...parts, failures(tally)].filter((part) => part !== '').join(' ');
  return { sentence, tone: tally.failed > 0 ? 'bad' : tone };
}

function failures(tally: Tally): string {
  if (tally.calls === 0) {
    return '';
  }
  if (tally.failed === 0) {
    return waits(tally) === '' ? 'No call failed.' : `No call failed; ${waits(tally)}`;
  }
  const reasons = [...tally.reasons].map(([reason, times]) => `${times} × ${reason}`).join(', ');
  return `${count(tally.failed, 'call')} of ${tally.calls.toLocaleString('en')} failed (${reasons}).`;
}

function waits({ slowestMs }: Tally): string {
  return slowestMs < NOTICEABLE_MS ? '' : `the longest waited ${seconds(slowestMs)} for its token.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
