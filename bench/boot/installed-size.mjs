import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BENCH = join(import.meta.dirname, '..');
const ROOT = join(BENCH, '..');

function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((bytes, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' ? bytes : bytes + sizeOf(path);
    }
    return bytes + (entry.isFile() ? statSync(path).size : 0);
  }, 0);
}

/** Where Node would find a package from a folder, then from this one. */
function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(found)) {
      return found;
    }
    if (folder === dirname(folder)) {
      return from.startsWith(BENCH) ? undefined : find(name, BENCH);
    }
  }
}

function wants({ dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...peers];
}

function close(names, from, found) {
  for (const name of names) {
    const folder = find(name, from);
    if (folder === undefined || found.has(folder)) {
      continue;
    }
    found.add(folder);
    close(wants(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))), folder, found);
  }
  return found;
}

/** The size of these packages and their dependencies on the disk, in bytes. */
export function installedSize(names) {
  const folders = close(names, BENCH, new Set());
  return [...folders].reduce((bytes, folder) => bytes + sizeOf(folder), 0);
}

/** The package as it would be published, packed and unpacked, and the names of what it brings with it. */
export function ownSize() {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ size: packed, unpackedSize: unpacked }] = JSON.parse(String(stdout));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return { packed, unpacked, dependencies: Object.keys(dependencies) };
}
