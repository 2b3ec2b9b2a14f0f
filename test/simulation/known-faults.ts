import type { Violation } from './invariants/violation.js';
import type { Scenario } from './scenario/scenario.js';

export function isKnownFault(_scenario: Scenario, _violation: Violation): boolean {
  return false;
}
