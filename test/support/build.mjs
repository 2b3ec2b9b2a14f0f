import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import bundle from '../fleet/programs/bundle.mjs';

const SOURCES = [
  'lib',
  'sample-app/src',
  'playground/src',
  'scripts',
  'package.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.cjs.json',
];
/** The last file of the build. */
const BUILT = 'dist/cjs/package.json';

function modifiedAt(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return -Infinity;
  }
  const within = found.isDirectory() ? readdirSync(path).map((name) => modifiedAt(join(path, name))) : [];
  return Math.max(found.mtimeMs, ...within);
}

/** Builds the package, the sample app and the playground, unless no source is newer than what was built, and the programs of the fleet. */
export default async function build() {
  buildPackage();
  await bundle();
}

function buildPackage() {
  if (modifiedAt(BUILT) > Math.max(...SOURCES.map(modifiedAt))) {
    return;
  }
  const { status } = spawnSync('npm', ['run', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) {
    throw new Error('The build failed: npm run build');
  }
}
