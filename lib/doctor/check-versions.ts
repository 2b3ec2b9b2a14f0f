import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
// Ranges have more corners than they show, and this is what npm itself judges them with.
import semver from 'semver';
import { ok, problem, skipped, type Finding } from './finding.js';

const OWN_MANIFEST = createRequire(import.meta.url)('../../package.json') as Manifest;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Whether this Node loads the package, from CommonJS as well. */
export function checkNode(version: string): Finding {
  const { node } = OWN_MANIFEST.engines;
  return semver.satisfies(version, node)
    ? ok(`Node ${version}`)
    : problem(`Node ${version} is not supported`, `Install a version of ${node}.`);
}

/** Where a package is found from a folder, as Node looks for it. */
function folderOf(name: string, from: string): string | undefined {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const folder = places.map((place) => join(place, name)).find((each) => existsSync(join(each, 'package.json')));
  return folder && realpathSync(folder);
}

function versionIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  return version;
}

/** With the range that a command line takes: the highest major version of those that are supported. */
function installable(name: string): string {
  const range = OWN_MANIFEST.peerDependencies[name] ?? '';
  const major = semver.minVersion(range.split('||').at(-1) ?? '')?.major ?? '';
  return `${name}@${major}`;
}

/**
 * Whether the packages that the application brings are there, in versions that fit, and the same ones that this package
 * gets.
 *
 * @param directory the application's
 * @param needed packages that are optional to others, and needed here
 */
export function checkPackages(directory: string, needed: readonly string[]): Finding[] {
  const own = folderOf(OWN_MANIFEST.name, directory);
  const ownFinding =
    own === undefined
      ? problem(
          `${OWN_MANIFEST.name} is not installed here`,
          `In your application's folder: npm install ${OWN_MANIFEST.name}`,
        )
      : ok(`${OWN_MANIFEST.name} ${versionIn(own)}`);
  return [
    ownFinding,
    ...Object.entries(OWN_MANIFEST.peerDependencies).map(([name, range]) => {
      const isOptional = OWN_MANIFEST.peerDependenciesMeta[name]?.optional === true && !needed.includes(name);
      return checkPackage(name, range, directory, own, isOptional);
    }),
  ];
}

function checkPackage(
  name: string,
  range: string,
  directory: string,
  own: string | undefined,
  isOptional: boolean,
): Finding {
  const folder = folderOf(name, directory);
  if (folder === undefined) {
    return isOptional
      ? skipped(`${name} is not installed, and not needed as things are`)
      : problem(`${name} is not installed`, `npm install ${installable(name)}`);
  }
  const version = versionIn(folder);
  if (!semver.satisfies(version, range)) {
    return problem(`${name} ${version} does not fit`, `It must be ${range}: npm install ${installable(name)}`);
  }
  if (own !== undefined && folderOf(name, own) !== folder) {
    return problem(
      `${name} is there twice: ${OWN_MANIFEST.name} gets another copy than your application`,
      `See where from with: npm ls ${name}; then npm dedupe, or install both again.`,
    );
  }
  return ok(`${name} ${version}`);
}
