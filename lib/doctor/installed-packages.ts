import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The used fields of a `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** The API of Yarn's Plug'n'Play, which has no `node_modules`. */
interface PnpApi {
  resolveToUnqualified(request: string, issuer: string): string | null;
  resolveVirtual?(path: string): string | null;
}

function folderByPnp(name: string, require: NodeJS.Require, from: string): string | undefined {
  try {
    const pnp = require('pnpapi') as PnpApi;
    const folder = pnp.resolveToUnqualified(name, join(from, '/'));
    return folder === null ? undefined : (pnp.resolveVirtual?.(folder) ?? folder);
  } catch {
    // It throws for a package that the requiring package does not list.
    return undefined;
  }
}

/** The path of a package from a folder, by Node's resolution. */
export function folderOf(name: string, from: string): string | undefined {
  const require = createRequire(join(from, 'package.json'));
  if (process.versions['pnp'] !== undefined) {
    return folderByPnp(name, require, from);
  }
  const places = require.resolve.paths(name) ?? [];
  const folder = places.map((place) => join(place, name)).find((each) => existsSync(join(each, 'package.json')));
  return folder && realpathSync(folder);
}

export function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The application's folder: the next one upwards with a `package.json`. */
export function applicationOf(folder: string): string | undefined {
  if (existsSync(join(folder, 'package.json'))) {
    return folder;
  }
  return dirname(folder) === folder ? undefined : applicationOf(dirname(folder));
}
