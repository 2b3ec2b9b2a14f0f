import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** A program that is not npm's to install. */
export interface Program {
  /** Its possible names in `PATH`, or absolute paths. The first existing one is used. */
  readonly names: readonly string[];
  readonly debianPackage: string;
  /** How people install it. */
  readonly remedy: string;
}

export const REDIS_SERVER: Program = {
  names: ['redis-server'],
  debianPackage: 'redis-server',
  remedy: 'Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis',
};

export const CHROMIUM: Program = {
  names: [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  debianPackage: 'chromium',
  remedy: 'Debian: apt-get install chromium; macOS: brew install --cask chromium',
};

/**
 * Where the program is; installs it where that may be done, as root on Debian. Throws with one line that says what to
 * do.
 *
 * @param who needs it
 */
export function provide(program: Program, who: string): string {
  const path = find(program) ?? (install(program) ? find(program) : undefined);
  if (path === undefined) {
    throw new Error(`${who} need ${program.names[0]}: install it (${program.remedy}).`);
  }
  return path;
}

function find({ names }: Program): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names
    .flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install({ debianPackage }: Program): boolean {
  const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  return isRootOnDebian && run('apt-get', 'update') && run('apt-get', 'install', '-y', debianPackage);
}

function run(command: string, ...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}
