import { quantile, withInterval } from '../support/statistics.mjs';

const RESAMPLES = 500;
const P99 = 0.99;

/** One client's latencies in these seconds, those of all its processes together. */
function timesIn(blocks, indices) {
  return blocks.flatMap((block) => indices.flatMap((index) => Array.from(block[index])));
}

/**
 * Percentiles by client, and how its p99 stands to that of the limit, whose processes count as one. Ratios are drawn by
 * the second: all had the same machine in it.
 * @param {readonly { name: string, latencies: ArrayLike<number>, failures: object, tokenRequests: number }[]} results
 * @param {{ rate: number, seconds: number, limit: string }} options
 */
export function analyse(results, { rate, seconds, limit }) {
  const limits = results.flatMap(({ name }, index) => (name.startsWith(limit) ? [index] : []));
  const blocks = Array.from({ length: seconds }, (_, second) =>
    results.map(({ latencies }) => latencies.slice(second * rate, (second + 1) * rate).filter((ms) => ms >= 0)),
  );
  return results.map(({ name, latencies, failures, tokenRequests }, index) => {
    const times = latencies.filter((ms) => ms >= 0);
    const [p50, p99, max] = [0.5, P99, 1].map((fraction) => quantile(times, fraction));
    const ratio = withInterval(
      blocks,
      (drawn) => quantile(timesIn(drawn, [index]), P99) / quantile(timesIn(drawn, limits), P99),
      RESAMPLES,
    );
    return { name, p50, p99, max, ratio, failures, tokenRequests, calls: latencies.length };
  });
}
