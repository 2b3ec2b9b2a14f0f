#!/usr/bin/env node
// `npm run bench` runs all parts, `npm run bench -- per-call` the named ones; `--short` tries them out. A part is a file of
// this folder and runs in its own process. The results go into docs/benchmarks.md.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const MEASURED = ['per-call', 'hot-read', 'bursts', 'growth', 'stalls', 'outages', 'boot', 'soak'];
/** Measures nothing, and needs nothing of this folder's packages. */
const CHECK = 'counts';
const parts = [...MEASURED, CHECK];

const given = process.argv.slice(2);
const flags = given.filter((word) => word.startsWith('--'));
const named = given.filter((word) => !word.startsWith('--'));
const unknown = [
  ...named.filter((part) => !parts.includes(part)),
  ...flags.filter((flag) => !['--short', '--hour'].includes(flag)),
];
if (unknown.length > 0) {
  process.stderr.write(`No ${unknown.join(', ')}. There are: ${parts.join(', ')}; --short, --hour.\n`);
  process.exit(1);
}
const wanted = named.length > 0 ? named : MEASURED;

/** When a file of this folder was written; 0 without it. */
function writtenAt(file) {
  return statSync(join(import.meta.dirname, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command, ...args) {
  return spawnSync(command, args, { cwd: import.meta.dirname, stdio: 'inherit' }).status === 0;
}

const needsPackages = wanted.some((part) => part !== CHECK);
if (
  needsPackages &&
  writtenAt('node_modules/.package-lock.json') < writtenAt('package-lock.json') &&
  !run('npm', 'ci')
) {
  process.exit(1);
}
for (const part of wanted) {
  process.stdout.write(`\n# ${part}\n\n`);
  if (!run(process.execPath, `${part}.mjs`, ...flags)) {
    process.exitCode = 1;
  }
}
if (needsPackages && !run(process.execPath, 'report/render.mjs', ...flags)) {
  process.exitCode = 1;
}
