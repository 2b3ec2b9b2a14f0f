/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * Where the true median lies with 95 % confidence: between two of the values, by the binomial law, so that nothing is
 * assumed of how noise is distributed.
 *
 * @param {readonly number[]} values
 */
export function medianInterval(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const below = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2) - 1);
  return [sorted[below], sorted[sorted.length - 1 - below]];
}
