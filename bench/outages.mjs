// A minute in which the token endpoint fails, Redis fails, or both.
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { Redis } from './support/redis.mjs';
import { SteadyLoad } from './support/steady-load.mjs';

const RATE = 10;
/** Of the outage, and of the token that was fetched just before, in s. */
const SECONDS = isShort ? 6 : 60;
const LIFETIME = isShort ? 4 : 40;
const NAMES = [
  'nestjs-quiqup-auth on Redis',
  'axios-token-interceptor',
  'axios-auth-refresh',
  'simple-oauth2',
  'cache-manager on Redis',
];
const OUTAGES = {
  'endpoint answers 503': { endpoint: true },
  'Redis was killed': { redis: 'kill' },
  'Redis hangs': { redis: 'freeze' },
  'both: 503, and Redis hangs': { endpoint: true, redis: 'freeze' },
};

async function suffer([outage, { endpoint = false, redis: breakdown }]) {
  const redis = await Redis.start();
  const load = await SteadyLoad.start(NAMES, { redis: redis.url, lifetime: LIFETIME });
  await load.simulator.ask('setDown', endpoint);
  if (breakdown === 'kill') {
    await redis.stop();
  } else if (breakdown === 'freeze') {
    redis.freeze();
  }
  const results = await load.run({ ratePerSecond: RATE, seconds: SECONDS });
  await load.stop();
  await redis.stop();
  return results.map(({ name, latencies, failures, count, tokenRequests }) => {
    const succeeded = latencies.filter((ms) => ms >= 0).length;
    return { outage, name, calls: count, succeeded, failures, tokenRequests };
  });
}

// In parallel, because only counts are measured.
const rows = (await Promise.all(Object.entries(OUTAGES).map(suffer))).flat();
for (const { outage, name, calls, succeeded, failures, tokenRequests } of rows) {
  say(
    `${outage.padEnd(28)} ${name.padEnd(30)} ${succeeded} of ${calls} calls, ${tokenRequests} token requests, ` +
      `failed: ${JSON.stringify(failures)}`,
  );
}
const part = new Part();
for (const { outage, calls, succeeded, tokenRequests } of rows.filter(({ name }) => name.startsWith('nestjs'))) {
  // Without the endpoint a token serves until it ends, and no longer; it has some age when the outage begins.
  const share = 'endpoint' in OUTAGES[outage] ? (LIFETIME - 2) / SECONDS : 1;
  part.bar(
    `${outage}: at least ${Math.round(share * 100)} % of the calls succeed, one token request in 2 s at most`,
    `${succeeded} of ${calls}, ${tokenRequests} token requests`,
    succeeded >= share * calls && tokenRequests <= SECONDS / 2,
  );
}
part.save({ rate: RATE, seconds: SECONDS, lifetime: LIFETIME, rows });
