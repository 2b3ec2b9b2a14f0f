import { measure } from 'mitata';
import { shuffled } from './shuffled.mjs';

/**
 * Always a batch, with the garbage it makes, and short, so that the subjects of a round see the same machine; the median
 * of three outlives a neighbour's burst. No full collection before: it would throw away compiled code as well.
 */
const SAMPLE = {
  gc: false,
  warmup_threshold: Infinity,
  batch_threshold: Infinity,
  min_samples: 3,
  max_samples: 3,
};

/**
 * Measures every subject once a round, each round in another random order, so that what slows the machine for a while
 * slows all of them alike.
 * @param {Readonly<Record<string, () => unknown>>} subjects
 * @param {number} rounds
 * @param {{ warmUpRounds?: number, batch?: number }} settings how many rounds until all is compiled to the end; calls in
 *   a batch
 * @returns {Promise<Record<string, number[]>>} ns per call, round by round
 */
export async function pairedRounds(subjects, rounds, { warmUpRounds = 20, batch = 64 } = {}) {
  const names = Object.keys(subjects);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const name of shuffled(names)) {
      const { p50 } = await measure(subjects[name], { ...SAMPLE, batch_samples: batch });
      if (round >= 0) {
        results[name].push(p50);
      }
    }
  }
  return results;
}
