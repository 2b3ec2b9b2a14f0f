import { Fleet } from '../fleet/fleet.js';
import { checkAtCalm, checkAtEnd, checkRun } from '../invariants/index.js';
import type { Violation } from '../invariants/violation.js';
import { World } from '../world/world.js';
import type { Scenario } from './scenario.js';

/** The result of one run. */
export interface RunResult {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  /** Two runs of one scenario have the same. */
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly trace: readonly string[];
}

/** Above every bound of a shutdown, and above the life of a lock that a killed instance has left. */
const SHUTDOWN_MS = 20_000;

/** Runs a scenario to its end and checks every invariant. */
export async function runScenario(scenario: Scenario, isTraced = false): Promise<RunResult> {
  const world = new World(scenario.seed, isTraced);
  try {
    const fleet = new Fleet(world, scenario);
    await world.timeline.runUntil(scenario.endsAt);
    const atCalm = checkAtCalm(fleet);
    for (const instance of fleet.instances.values()) {
      if (instance.state === 'running' || instance.state === 'draining') {
        world.timeline.schedule(world.now, () => fleet.stop(instance), instance.machine);
      }
    }
    await world.timeline.runUntil(scenario.endsAt + SHUTDOWN_MS);
    const violations = [...checkRun(fleet), ...atCalm, ...checkAtEnd(fleet)];
    return {
      scenario,
      violations,
      digest: world.trace.digest,
      virtualMs: world.now,
      events: world.timeline.events,
      trace: world.trace.lines,
    };
  } finally {
    world.close();
  }
}
