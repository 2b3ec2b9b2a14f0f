import type { Fleet } from '../fleet/fleet.js';
import type { Violation } from './violation.js';

/** Once all faults are over: a live instance has a good token, and all have the same. */
export function checkAtCalm(fleet: Fleet): Violation[] {
  const { scenario, quiqup, world } = fleet;
  const live = [...fleet.instances.values()].filter(({ state }) => state === 'running');
  const held = live.map(({ running }) => running?.runtime.memory.held?.accessToken);
  const violations: Violation[] = [];
  const tokens = new Set(held.filter((token) => token !== undefined && quiqup.tokens.isGood(token, world.now)));
  // Where the tokens of two halves of a fleet are both good, nobody needs the other's before the own one is stale.
  const mustBeOne =
    scenario.policy !== 'fresh' || scenario.faults.length === 0 || scenario.lifetimeMs < world.now - scenario.calmFrom;
  // With entries of its own for each secret, a fleet is two fleets for as long as a token lives.
  const hasSplit = scenario.cache === 'memory' || scenario.faults.some(({ kind }) => kind === 'secret');
  const isRotating = scenario.lifetimeMs <= 20_000;
  if (mustBeOne && !hasSplit && !isRotating && tokens.size > 1) {
    violations.push({
      invariant: 'one token for all a while after the faults',
      at: world.now,
      what: live.map(({ name }, index) => `${name}: ${held[index]}`).join(', '),
    });
  }
  return violations;
}
