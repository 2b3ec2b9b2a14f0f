import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { bundleSimulation } from './bundle.mjs';
import { PLANTED_BUGS, type PlantedBug } from './planted/bugs.mjs';

interface Failed {
  readonly seed: number;
  readonly className: string;
  readonly digest: string;
  readonly violations: readonly { readonly invariant: string; readonly what: string }[];
}

interface Result {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly failed: readonly Failed[];
}

const run = promisify(execFile);
const FIXED = 1_000;
const RANDOM = 300;
/** The time limit of the random seeds on a slow or busy machine. The fixed ones all run. */
const RANDOM_SECONDS = 15;
/** Far above the time of the fixed ones on two idle cores. */
const LIMIT_MS = 240_000;

/** Each a command to repeat it by. */
function commandsOf({ failed }: Result): string[] {
  return failed.map(
    ({ seed, className, violations: [first] }) =>
      `npm run simulate -- --seed ${seed} --class '${className}' --trace: ${first?.invariant}: ${first?.what}`,
  );
}

/** All but the last line, which tells of the machine. */
async function traceBy(bundle: string): Promise<string> {
  const args = [bundle, '--seed', '7', '--class', 'mixed', '--trace'];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
  return stdout.slice(0, stdout.indexOf('digest') + 20);
}

/** How often each planted bug's text stands in its file. */
function placesOf({ file, find }: PlantedBug): number {
  return readFileSync(file, 'utf8').split(find).length - 1;
}

describe('The planted bugs', () => {
  it('each have one place in the sources', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(40);
    expect(PLANTED_BUGS.filter((bug) => placesOf(bug) !== 1).map(({ name }) => name)).toEqual([]);
  });
});

describe('The fleet in the simulated world', () => {
  let bundle = '';

  async function simulate(...args: readonly string[]): Promise<Result> {
    const { stdout } = await run(process.execPath, [bundle, '--json', ...args], { maxBuffer: 2 ** 26 }).catch(
      // With violations it ends with 1, and tells them all the same.
      (error: { stdout: string }) => error,
    );
    return JSON.parse(stdout) as Result;
  }

  beforeAll(async () => {
    bundle = await bundleSimulation();
  });

  it(
    'keeps every promise through a fixed thousand of seeds',
    async () => {
      const half = String(FIXED / 2);
      const results = await Promise.all([
        simulate('--from', '1', '--seeds', half),
        simulate('--from', String(FIXED / 2 + 1), '--seeds', half),
      ]);
      expect(results.flatMap(commandsOf)).toEqual([]);
      expect(results.map(({ seeds }) => seeds)).toEqual([FIXED / 2, FIXED / 2]);
    },
    LIMIT_MS,
  );

  it(
    'keeps every promise through seeds that nobody has seen',
    async () => {
      const froms = [randomInt(2 ** 20, 2 ** 30), randomInt(2 ** 20, 2 ** 30)];
      process.stderr.write(`random seeds of this run: ${RANDOM / 2} each from ${froms.join(' and ')}\n`);
      const results = await Promise.all(
        froms.map((from) =>
          simulate('--from', String(from), '--seeds', String(RANDOM / 2), '--seconds', String(RANDOM_SECONDS)),
        ),
      );
      expect(results.flatMap(commandsOf)).toEqual([]);
    },
    LIMIT_MS,
  );

  it('runs a seed the same way each time, to the byte', async () => {
    const first = await traceBy(bundle);
    expect(first).toMatch(/digest [\da-f]{8}/);
    expect(await traceBy(bundle)).toBe(first);
  });
});
