// The cost of reading a token in memory: time and allocations.
import { isShort } from './support/options.mjs';
import { Part, say } from './support/part.mjs';
import { measureIn, Program } from './support/program.mjs';
import { Redis } from './support/redis.mjs';
import { median } from './support/statistics.mjs';

const PROCESSES = isShort ? 1 : 5;
/** A young generation that no sample fills: a collection within one would spoil its count. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

const redis = await Redis.start();
const simulator = await Program.start('support/programs/simulator.mjs', { simulator: { lifetime: 604_800 } });
const server = {
  ...simulator.details,
  redis: redis.url,
  clientId: 'simulated-client',
  clientSecret: 'simulated-secret',
};
const processes = [];
while (processes.length < PROCESSES) {
  const settings = { server, rounds: isShort ? 4 : 40 };
  processes.push(await measureIn('hot-read/measure.mjs', settings, FLAGS));
}
await simulator.kill();
await redis.stop();

const rows = Object.keys(processes[0].times).map((what) => {
  const times = processes.map((one) => one.times[what]);
  const medians = times.map(median);
  const bytes = median(processes.map((one) => one.bytes[what]));
  return { what, ns: median(times.flat()), low: Math.min(...medians), high: Math.max(...medians), bytes };
});
for (const { what, ns, low, high, bytes } of rows) {
  say(`${what.padEnd(46)} ${ns.toFixed(0).padStart(8)} ns (${low.toFixed(0)} to ${high.toFixed(0)}) ${bytes} bytes`);
}
new Part().save({ processes: PROCESSES, rows });
