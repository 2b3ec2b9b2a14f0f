// Cold start, expiry and revocation, met by 1 to 1,000 calls at once.
import { burst, KINDS } from './bursts/burst.mjs';
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';
import { RIVALS } from './support/rivals.mjs';
import { shuffled } from './support/shuffled.mjs';
import { median } from './support/statistics.mjs';
import { versions } from './support/versions.mjs';

const SIZES = [1, 10, 100, 1_000];
const ROUNDS = isShort ? 1 : 2;
/** Of the token endpoint, in ms. */
const LATENCY = 50;
const OWN = ['nestjs-quiqup-auth', 'nestjs-quiqup-auth on Redis'];
const NAMES = [...OWN, ...RIVALS];

const redis = await Redis.start();
const servers = new Map();
for (const name of NAMES) {
  const settings = { simulator: { latency: LATENCY }, https: name.startsWith('@azure') };
  const simulator = await Program.start('support/programs/simulator.mjs', settings);
  const client = { clientId: 'simulated-client', clientSecret: 'simulated-secret' };
  servers.set(name, { simulator, server: { ...simulator.details, ...client, redis: redis.url } });
}

const found = [];
// The order changes, so that a slow moment of the machine slows all clients alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const kind of KINDS) {
    for (const size of SIZES) {
      for (const name of shuffled(NAMES)) {
        await redis.command('FLUSHALL');
        found.push(await burst({ name, ...servers.get(name), kind, size }));
      }
    }
  }
}
await Promise.all([...servers.values()].map(({ simulator }) => simulator.kill()));
await redis.stop();

const rows = NAMES.flatMap((name) =>
  KINDS.flatMap((kind) =>
    SIZES.map((size) => {
      const own = found.filter((one) => one.name === name && one.kind === kind && one.size === size);
      const worst = (what) => Math.max(...own.map((one) => one[what]));
      const times = own.flatMap(({ ms }) => ms ?? []);
      const ms = times.length === 0 ? undefined : median(times);
      return { name, kind, size, tokenRequests: worst('tokenRequests'), failed: worst('failed'), ms };
    }),
  ),
);
for (const { name, kind, size, tokenRequests, failed, ms } of rows) {
  say(
    `${name.padEnd(38)} ${kind.padEnd(10)} ${String(size).padStart(5)}: ${tokenRequests} token requests, ` +
      `${failed} failed, last success after ${ms?.toFixed(0) ?? '-'} ms`,
  );
}

const part = new Part();
for (const name of OWN) {
  for (const kind of KINDS) {
    const own = rows.filter((row) => row.name === name && row.kind === kind);
    const isMet = own.every(({ tokenRequests, failed }) => tokenRequests === 1 && failed === 0);
    const figures = own.map(({ size, tokenRequests, failed }) => `${size}: ${tokenRequests} and ${failed}`).join('; ');
    part.bar(`${name}, ${kind}: 1 token request and 0 failed calls at every size`, figures, isMet);
  }
}
part.save({ rounds: ROUNDS, latency: LATENCY, rows, versions: versions() });
process.exit();
