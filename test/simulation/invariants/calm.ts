import type { Fleet } from '../fleet/fleet.js';
import { neededBy } from './token-requests.js';
import type { Violation } from './violation.js';

/** In which every instance calls twice. */
const LAST_MS = 12_000;

/** The time after all faults and their consequences. */
export function checkAtCalm(fleet: Fleet): Violation[] {
  return [...checkOneToken(fleet), ...checkSettled(fleet)];
}

/**
 * All have the same token, a lifetime after the last of them has seen the store again. Where a new token ends the old
 * one, and where tokens are reused, there is no second good one.
 */
function* checkOneToken({ scenario, quiqup, world, instances }: Fleet): Generator<Violation> {
  const live = [...instances.values()].filter(({ state }) => state === 'running');
  const sharedSince = Math.max(scenario.calmFrom, ...live.map(({ storeBackAt }) => storeBackAt));
  const mayDiffer =
    scenario.calls.some(({ kind }) => kind === 'refresh' || kind === 'forbidden') ||
    scenario.faults.some(({ kind }) => kind === 'secret' || kind === 'idle death');
  const hasTime = scenario.faults.length === 0 || world.now - sharedSince > scenario.lifetimeMs * 1.1;
  // Those of seconds are always about to be replaced somewhere.
  if (mayDiffer || !hasTime || scenario.lifetimeMs <= 20_000) {
    return;
  }
  const held = live.flatMap(({ running }) => running?.runtime.memory.held ?? []);
  const good = held.filter(({ accessToken, staleAt }) => {
    const isFresh = live.every(({ machine }) => machine.clock.now() < staleAt - scenario.lifetimeMs * 0.06);
    return isFresh && quiqup.tokens.isGood(accessToken, world.now);
  });
  const texts = new Set(good.map(({ accessToken }) => accessToken));
  if (texts.size > 1) {
    yield { invariant: 'one token for all a while after the faults', at: world.now, what: [...texts].join(', ') };
  }
}

/** Instances do not replace each other's tokens: there are no more token requests than the lifetime needs. */
function* checkSettled({ scenario, quiqup }: Fleet): Generator<Violation> {
  const from = scenario.endsAt - LAST_MS;
  const asked = quiqup.requests.filter(({ at }) => at >= from && at <= scenario.endsAt).length;
  // One is for an unnoticed revocation, and one for each unnoticed dead connection.
  const deaths = scenario.faults.filter(({ kind }) => kind === 'idle death').length;
  const allowed = neededBy(scenario, LAST_MS) + 2 + deaths;
  if (asked > allowed) {
    yield {
      invariant: 'token requests are back to one a rotation a while after the faults',
      at: from,
      what: `${asked} in the last ${LAST_MS} ms, ${allowed} allowed`,
    };
  }
}
