#!/usr/bin/env node
// Runs jest after making sure that the one server the tests spawn, redis-server, is there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const hasRedis = () => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
const run = (command, ...args) => spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;

function installRedis() {
  const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  return isRootOnDebian && run('apt-get', 'update') && run('apt-get', 'install', '-y', 'redis-server') && hasRedis();
}

if (!hasRedis() && !installRedis()) {
  process.stderr.write(
    'The tests need redis-server: install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis).\n',
  );
  process.exit(1);
}

const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  // A renewal that fails unheard must not end a process.
  '--unhandled-rejections=strict',
  'node_modules/jest/bin/jest.js',
];
const { status } = spawnSync(process.execPath, [...jest, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
