import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSimulation } from '../bundle.mjs';
import { PLANTED_BUGS } from './bugs.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CACHE = resolve(ROOT, 'node_modules/.cache/simulation/planted');
/** To be found among so many seeds. */
const SEEDS = 600;
const LONGEST_S = 120;

/** Replaces the one text in its file on the way into the bundle; the sources stay as they are. */
function plant({ name, file, find, put }) {
  return {
    name: 'planted-bug',
    setup(build) {
      build.onLoad({ filter: /\/lib\/.*\.ts$/ }, ({ path }) => {
        if (relative(ROOT, path) !== file) {
          return;
        }
        const parts = readFileSync(path, 'utf8').split(find);
        if (parts.length !== 2) {
          throw new Error(`'${name}': its text stands ${parts.length - 1} times in ${file}`);
        }
        return { contents: parts.join(put), loader: 'ts' };
      });
    },
  };
}

function describe({ stdout, stderr }) {
  try {
    const [failed] = JSON.parse(stdout).failed;
    return failed && `seed ${failed.seed} (${failed.className}): ${failed.violations[0].invariant}`;
  } catch {
    return `the simulation itself ended: ${stderr.trim().split('\n').at(-1)}`;
  }
}

/** The first violation that a bundle shows. */
function firstViolation(bundle) {
  return new Promise((done) => {
    const args = [bundle, '--seeds', String(SEEDS), '--seconds', String(LONGEST_S), '--first', '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_S * 2_000 });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (output.stdout += chunk));
    child.stderr.on('data', (chunk) => (output.stderr += chunk));
    child.on('close', () => done(describe(output)));
  });
}

// Part of a name, or how many to pass over.
const [given = ''] = process.argv.slice(2);
const bugs = /^\d+$/.test(given)
  ? PLANTED_BUGS.slice(Number(given))
  : PLANTED_BUGS.filter(({ name }) => name.includes(given));
const waiting = bugs.entries();
let found = 0;

async function work() {
  for (const [index, bug] of waiting) {
    const bundle = await bundleSimulation(resolve(CACHE, `${process.pid}-${index}.mjs`), [plant(bug)]);
    const violation = await firstViolation(bundle);
    found += violation === undefined ? 0 : 1;
    process.stdout.write(`${violation === undefined ? 'MISSED' : 'found '} ${bug.name}: ${violation ?? ''}\n`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
process.stdout.write(`\n${found} of ${bugs.length} planted bugs found, each among the first ${SEEDS} seeds at most\n`);
