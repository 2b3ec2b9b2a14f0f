import { readFileSync } from 'node:fs';
import { drawScenario } from '../scenario/draw-scenario.js';
import { runScenario, type RunResult } from '../scenario/run-scenario.js';
import type { Scenario } from '../scenario/scenario.js';
import { shrinkScenario } from '../scenario/shrink-scenario.js';
import { parseArguments, USAGE, type SimulateArguments } from './arguments.js';

interface Totals {
  seeds: number;
  virtualMs: number;
  events: number;
  readonly failed: RunResult[];
}

const MOST_SHOWN = 20;
const write = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs the seeds of the arguments, and returns the exit code. */
export async function runSeeds(args: readonly string[]): Promise<number> {
  const given = parseArguments(args);
  if (given === undefined) {
    write(USAGE);
    return 2;
  }
  const startedAt = process.hrtime.bigint();
  const totals: Totals = { seeds: 0, virtualMs: 0, events: 0, failed: [] };
  for (const scenario of scenariosOf(given)) {
    const result = await runScenario(scenario, given.isTraced);
    count(totals, result);
    if (given.isTraced) {
      result.trace.forEach(write);
      write(`digest ${result.digest}`);
    }
    if (secondsSince(startedAt) > given.seconds || (given.stopsAtFirst && totals.failed.length > 0)) {
      break;
    }
  }
  await report(totals, given, secondsSince(startedAt));
  return totals.failed.length > 0 ? 1 : 0;
}

function secondsSince(startedAt: bigint): number {
  return Number(process.hrtime.bigint() - startedAt) / 1e9;
}

/** Of this process, which others on the machine do not slow down. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function* scenariosOf({ file, only, from, seeds, className, instances }: SimulateArguments): Generator<Scenario> {
  if (file !== undefined) {
    yield JSON.parse(readFileSync(file, 'utf8')) as Scenario;
    return;
  }
  const first = only ?? from;
  for (let seed = first; seed < first + (only === undefined ? seeds : 1); seed += 1) {
    yield drawScenario(seed, className, instances);
  }
}

function count(totals: Totals, result: RunResult): void {
  totals.seeds += 1;
  totals.virtualMs += result.virtualMs;
  totals.events += result.events;
  if (result.violations.length > 0) {
    totals.failed.push(result);
  }
}

async function report(totals: Totals, given: SimulateArguments, seconds: number): Promise<void> {
  const { seeds, virtualMs, events, failed } = totals;
  if (given.asJson) {
    write(
      JSON.stringify({
        seeds,
        virtualMs,
        events,
        seconds,
        cpu: cpuSeconds(),
        failed: failed.map(summaryOf),
      }),
    );
    return;
  }
  const size = given.instances === undefined ? '' : ` --instances ${given.instances}`;
  for (const { scenario, violations } of failed.slice(0, MOST_SHOWN)) {
    write(
      `\nseed ${scenario.seed}: npm run simulate -- --seed ${scenario.seed} --class '${scenario.className}'${size} --trace`,
    );
    violations
      .slice(0, 4)
      .forEach(({ invariant, at, what }) => write(`  ${invariant}\n    at ${Math.round(at)} ms: ${what}`));
  }
  write(
    `\n${seeds} seeds, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${events} events, ${failed.length} seeds with ` +
      `violations, ${seconds.toFixed(1)} s, ${cpuSeconds().toFixed(1)} s of one core (${(seeds / cpuSeconds()).toFixed(1)} seeds/s)`,
  );
  const [first] = failed;
  if (given.shrinks && first !== undefined) {
    write(JSON.stringify(await shrinkScenario(first), undefined, 1));
  }
}

function summaryOf({ scenario, violations, digest }: RunResult): object {
  return { seed: scenario.seed, className: scenario.className, digest, violations };
}
