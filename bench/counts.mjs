// The bench's own scenarios in short, by their counts alone: what continuous integration can check on any machine.
// Needs none of the packages of this folder.
import { burst, KINDS } from './bursts/burst.mjs';
import { growth, missed } from './growth/growth.mjs';
import { Program } from './support/program.mjs';

const SIZES = [1, 10, 100, 1_000];
const FLEET = 3;
/** In ms: a busy machine may answer late. */
const PATIENCE = 60_000;

async function bursts() {
  const simulator = await Program.start('support/programs/simulator.mjs', { simulator: { latency: 50 } });
  const server = { ...simulator.details, clientId: 'simulated-client', clientSecret: 'simulated-secret' };
  const rows = [];
  for (const kind of KINDS) {
    for (const size of SIZES) {
      const { tokenRequests, failures } = await burst({
        name: 'nestjs-quiqup-auth',
        simulator,
        server,
        kind,
        size,
        patience: PATIENCE,
      });
      rows.push({ what: `${kind}, ${size} at once`, tokenRequests, failures: [...new Set(failures)] });
    }
  }
  await simulator.kill();
  return rows;
}

async function fleets() {
  const rows = await growth({ size: FLEET, lifetime: 6, rotations: 2 });
  // A request that reaches the server just before the end of a token gets that token again, and is repeated.
  const mostUnderReuse = 4;
  return rows.map((row) => {
    const { policy, coldStart, requestsPerRotation, commandsBetween, failed } = row;
    const what = `${FLEET} instances, ${policy}`;
    return { what, coldStart, requestsPerRotation, commandsBetween, failed, missed: missed(row, mostUnderReuse) };
  });
}

// One after the other: a fleet that waits for a core while its tokens end counts what no fleet should.
const burstRows = await bursts();
const fleetRows = await fleets();
process.stdout.write(`${JSON.stringify({ bursts: burstRows, fleets: fleetRows }, undefined, 2)}\n`);
const isMet =
  burstRows.every(({ tokenRequests, failures }) => tokenRequests === 1 && failures.length === 0) &&
  fleetRows.every(({ coldStart, missed: reasons }) => coldStart === 1 && reasons.length === 0);
process.exit(isMet ? 0 : 1);
