// What a fleet costs as it grows from 1 to 64 instances on one Redis, each a process of its own.
import { growth, missed, POLICIES } from './growth/growth.mjs';
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { quantile } from './support/statistics.mjs';

const SIZES = isShort ? [1, 2, 4] : [1, 2, 4, 8, 16, 32, 64];
/** In s. */
const LIFETIME = isShort ? 4 : 10;
const ROTATIONS = isShort ? 2 : 3;

const rows = [];
for (const size of SIZES) {
  for (const { spreads, ...row } of await growth({ size, lifetime: LIFETIME, rotations: ROTATIONS })) {
    const [median, longest] = [quantile(spreads, 0.5), quantile(spreads, 1)];
    rows.push({ ...row, lastHasIt: { median, longest } });
    say(
      `${String(size).padStart(2)} ${row.policy}: ${row.requestsPerRotation} token requests and ` +
        `${row.commandsPerRotation} Redis commands a rotation, ${row.commandsBetween} commands in 1,000 calls between, ` +
        `${row.coldStart} at the cold start (Redis was too slow for ${row.alone} instances), the last has it after ${median.toFixed(0)} ms (${longest.toFixed(0)} at most)`,
    );
  }
}

const part = new Part();
for (const policy of POLICIES) {
  const own = rows.filter((row) => row.policy === policy);
  const found = own.map(({ size, requestsPerRotation }) => `${size}: ${requestsPerRotation}`).join('; ');
  const limit = policy === 'reuse' ? 'at most 3' : '1';
  part.bar(
    `${policy}: ${limit} token requests a rotation, 0 Redis commands between`,
    found,
    own.every((row) => missed(row).length === 0),
  );
}
part.save({ lifetime: LIFETIME, rows });
