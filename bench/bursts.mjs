// Cold start, expiry and revocation, met by 1 to 1,000 calls at once.
import { burst, KINDS } from './bursts/burst.mjs';
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';
import { median } from './support/statistics.mjs';
import { versions } from './support/versions.mjs';

const SIZES = [1, 10, 100, 1_000];
const REPEATS = isShort ? 1 : 3;
/** Of the token endpoint, in ms. */
const LATENCY = 50;
const OWN = ['nestjs-quiqup-auth', 'nestjs-quiqup-auth on Redis'];
const NAMES = [
  ...OWN,
  'axios-token-interceptor',
  'axios-auth-refresh',
  'axios-auth-refresh, not deduplicated',
  'simple-oauth2',
  'cache-manager on Redis',
  '@azure/core-rest-pipeline',
];

const redis = await Redis.start();
const rows = [];
for (const name of NAMES) {
  const settings = { simulator: { latency: LATENCY }, https: name.startsWith('@azure') };
  const simulator = await Program.start('support/programs/simulator.mjs', settings);
  const server = {
    ...simulator.details,
    redis: redis.url,
    clientId: 'simulated-client',
    clientSecret: 'simulated-secret',
  };
  for (const kind of KINDS) {
    for (const size of SIZES) {
      const found = [];
      while (found.length < REPEATS) {
        await redis.command('FLUSHALL');
        found.push(await burst({ name, simulator, server, kind, size }));
      }
      const worst = (what) => Math.max(...found.map((one) => one[what]));
      const times = found.flatMap(({ ms }) => ms ?? []);
      const ms = times.length === 0 ? undefined : median(times);
      rows.push({ name, kind, size, tokenRequests: worst('tokenRequests'), failed: worst('failed'), ms });
      const { tokenRequests, failed } = rows.at(-1);
      say(
        `${name.padEnd(38)} ${kind.padEnd(10)} ${String(size).padStart(5)}: ${tokenRequests} token requests, ` +
          `${failed} failed, last success after ${ms?.toFixed(0) ?? '-'} ms`,
      );
    }
  }
  await simulator.kill();
}
await redis.stop();

const part = new Part();
for (const name of OWN) {
  for (const kind of KINDS) {
    const own = rows.filter((row) => row.name === name && row.kind === kind);
    const isMet = own.every(({ tokenRequests, failed }) => tokenRequests === 1 && failed === 0);
    const found = own.map(({ size, tokenRequests, failed }) => `${size}: ${tokenRequests} and ${failed}`).join('; ');
    part.bar(`${name}, ${kind}: 1 token request and 0 failed calls at every size`, found, isMet);
  }
}
part.save({ repeats: REPEATS, latency: LATENCY, rows, versions: versions() });
process.exit();
