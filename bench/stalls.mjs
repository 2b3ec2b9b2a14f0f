// Whether a rotation is felt: the latency of calls under a steady load, while the token endpoint is slow.
import { analyse } from './stalls/analyse.mjs';
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { Redis } from './support/redis.mjs';
import { SteadyLoad } from './support/steady-load.mjs';

const RATE = 50;
const BAR = 1.1;
const OWN = 'nestjs-quiqup-auth on Redis';
const LIMIT = 'header by hand';
const NAMES = [
  OWN,
  LIMIT,
  // How far one is from the other is noise.
  'header by hand, once more',
  'axios-token-interceptor',
  'simple-oauth2',
  'cache-manager on Redis',
];
/** In s, but for the latency of the token endpoint in ms. */
const SCENARIOS = isShort
  ? [{ lifetime: 2, latency: 200, seconds: 5, rotations: 2 }]
  : [
      { lifetime: 4, latency: 200, seconds: 68, rotations: 20 },
      { lifetime: 60, latency: 2_000, seconds: 150, rotations: 3 },
    ];

const part = new Part();
const scenarios = [];
for (const scenario of SCENARIOS) {
  const { lifetime, latency, seconds, rotations } = scenario;
  const redis = await Redis.start();
  const load = await SteadyLoad.start(NAMES, { redis: redis.url, lifetime, latency });
  const results = await load.run({ ratePerSecond: RATE, seconds });
  await load.stop();
  await redis.stop();

  const rows = analyse(results, { rate: RATE, seconds, limit: LIMIT });
  scenarios.push({ ...scenario, rate: RATE, rows, latencies: results.map(({ latencies }) => Array.from(latencies)) });

  say(`Lifetime ${lifetime} s, the token endpoint takes ${latency} ms, ${RATE} calls/s for ${seconds} s`);
  for (const { name, p50, p99, max, ratio, failures, tokenRequests } of rows) {
    say(
      `${name.padEnd(30)} p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} max ${max.toFixed(1)} ms, p99 ratio ` +
        `${ratio.value.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}), ${tokenRequests} token ` +
        `requests, failed: ${JSON.stringify(failures)}`,
    );
  }
  const own = rows.find(({ name }) => name === OWN);
  const { value, low, high } = own.ratio;
  part.bar(
    `p99 over ${rotations} rotations of ${lifetime} s at most ${BAR} of both by hand, within noise`,
    `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) in ${own.tokenRequests} rotations`,
    low <= BAR && own.tokenRequests >= rotations && Object.keys(own.failures).length === 0,
  );
}
part.save({ scenarios });
