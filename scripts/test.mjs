#!/usr/bin/env node
// Runs jest after making sure that the programs that the tests start are there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = join(import.meta.dirname, '..', 'playground', 'dist', 'programs', 'program.js');
if (!existsSync(PROGRAMS)) {
  spawnSync('npm', ['run', 'build'], { stdio: 'inherit' });
}
const { CHROMIUM, provide, REDIS_SERVER } = await import(PROGRAMS);

const args = process.argv.slice(2);
const paths = args.filter((arg) => !arg.startsWith('-'));
const needsBrowser = paths.length === 0 || paths.some((path) => path.includes('browser'));
try {
  provide(REDIS_SERVER, 'The tests');
  if (needsBrowser) {
    provide(CHROMIUM, 'The tests in a browser');
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  // A renewal that fails unheard must not end a process.
  '--unhandled-rejections=strict',
  'node_modules/jest/bin/jest.js',
];
const { status } = spawnSync(process.execPath, [...jest, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
