const RESAMPLES = 2_000;

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/** Between two values in proportion. @param {readonly number[]} values */
export function quantile(values, fraction) {
  const sorted = Float64Array.from(values).toSorted();
  const place = (sorted.length - 1) * fraction;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/**
 * The statistic of all groups together, with its 95 % bootstrap interval. Whole groups are drawn, because values within
 * one (a process, a second) are more alike than values of two.
 * @param {readonly unknown[]} groups
 * @param {(groups: readonly unknown[]) => number} statistic
 */
export function withInterval(groups, statistic, resamples = RESAMPLES) {
  const random = seeded();
  const drawn = Array.from({ length: resamples }, () =>
    statistic(groups.map(() => groups[Math.floor(random() * groups.length)])),
  );
  return { value: statistic(groups), low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}

/** The median of the paired ratios, process by process. @param {readonly (readonly number[])[]} own */
export function pairedRatio(own, other) {
  const ratios = own.map((times, index) => times.map((time, round) => time / other[index][round]));
  return withInterval(ratios, (groups) => median(groups.flat()));
}

/** The same draws for the same data: an interval that anyone can compute again (mulberry32). */
function seeded() {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
