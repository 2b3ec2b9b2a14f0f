import { runScenario, type RunResult } from './run-scenario.js';
import type { Scenario } from './scenario.js';

const LISTS = ['faults', 'calls', 'instances'] as const;

/**
 * The smallest scenario that still breaks the same invariant: lists are halved, then reduced one by one, as long
 * as something can be removed. Each user has its own random stream, so that the remaining parts draw the same values.
 */
export async function shrinkScenario({ scenario, violations }: RunResult): Promise<Scenario> {
  const wanted = violations[0]?.invariant;
  const stillFails = async (candidate: Scenario): Promise<boolean> =>
    (await runScenario(candidate)).violations.some(({ invariant }) => invariant === wanted);
  let smallest = scenario;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smallerThan(smallest)) {
      if (await stillFails(candidate)) {
        smallest = candidate;
        isSmaller = true;
        break;
      }
    }
  }
  return smallest;
}

function* smallerThan(scenario: Scenario): Generator<Scenario> {
  for (const list of LISTS) {
    const { length } = scenario[list];
    for (let size = Math.floor(length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start < length; start += size) {
        const kept = (scenario[list] as readonly unknown[]).filter(
          (_, index) => index < start || index >= start + size,
        );
        if (list !== 'instances' || kept.length > 0) {
          yield { ...scenario, [list]: kept };
        }
      }
    }
  }
}
