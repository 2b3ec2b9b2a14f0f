import type { Fleet } from '../fleet/fleet.js';
import { checkCalls } from './calls.js';
import { checkRenewedInTime, checkShortWaits, checkWaits } from './waits.js';
import { checkAtEndOf, checkErrors, checkLocks } from './leftovers.js';
import { checkOutages, checkRetryAfter, checkTokenRequests } from './token-requests.js';
import { checkEndedTokens, checkRefusedTokens, checkReplacements, checkBeliefs } from './tokens.js';
import type { Violation } from './violation.js';

export { checkAtCalm } from './calm.js';

/** The invariants of a whole run's record. */
export function checkRun(fleet: Fleet): Violation[] {
  return [
    ...checkCalls(fleet),
    ...checkWaits(fleet),
    ...checkShortWaits(fleet),
    ...checkLocks(fleet),
    ...checkRenewedInTime(fleet),
    ...checkEndedTokens(fleet),
    ...checkRefusedTokens(fleet),
    ...checkReplacements(fleet),
    ...checkBeliefs(fleet),
    ...checkTokenRequests(fleet),
    ...checkOutages(fleet),
    ...checkRetryAfter(fleet),
  ];
}

/** Nothing may be left after everything has shut down. */
export function checkAtEnd(fleet: Fleet): Violation[] {
  return [...checkAtEndOf(fleet), ...checkErrors(fleet)];
}
