#!/usr/bin/env node
// `npm run bench` runs all parts, `npm run bench -- per-call` the ones named. A part is a file beside this one; each
// runs in a process of its own.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const SELF = basename(import.meta.filename);
const parts = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && file !== SELF)
  .map((file) => basename(file, '.mjs'));
const wanted = process.argv.slice(2);

const unknown = wanted.filter((part) => !parts.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`No part ${unknown.join(', ')}. There are: ${parts.join(', ')}.\n`);
  process.exit(1);
}

/** When a file of this folder was written; 0 without it. */
function writtenAt(file) {
  return statSync(join(import.meta.dirname, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command, ...args) {
  return spawnSync(command, args, { cwd: import.meta.dirname, stdio: 'inherit' }).status === 0;
}

if (writtenAt('node_modules/.package-lock.json') < writtenAt('package-lock.json') && !run('npm', 'ci')) {
  process.exit(1);
}
for (const part of wanted.length > 0 ? wanted : parts) {
  process.stdout.write(`\n# ${part}\n\n`);
  if (!run(process.execPath, `${part}.mjs`)) {
    process.exitCode = 1;
  }
}
