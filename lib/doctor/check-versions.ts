import { createRequire } from 'node:module';
// npm itself evaluates version ranges with this package.
import semver from 'semver';
import { ok, problem, skipped, type Finding } from './finding.js';
import { majorBeside, supportedNest, type NestMajor } from './install-table.js';
import { folderOf, manifestIn, type Manifest } from './installed-packages.js';

interface OwnManifest extends Manifest {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const OWN_MANIFEST = createRequire(import.meta.url)('../../package.json') as OwnManifest;

/** The packages to check, and the folder to resolve them from. */
export interface PackagesCheck {
  readonly directory: string;
  /** Packages that are optional to others, and needed here. */
  readonly needed: readonly string[];
}

/** Whether this Node version can load the package, including from CommonJS. */
export function checkNode(version: string): Finding {
  const { node } = OWN_MANIFEST.engines;
  return semver.satisfies(version, node)
    ? ok(`Node ${version}`)
    : problem(`Node ${version} is not supported`, `Install a version in the range ${node}.`);
}

/** The supported major version nearest to the application's Nest; the newest one without Nest. */
export function nestOf(directory: string): NestMajor {
  const folder = folderOf('@nestjs/common', directory);
  return supportedNest(folder === undefined ? Infinity : semver.major(manifestIn(folder).version));
}

/** The package with the major version for the application's Nest, for a command line. */
function installable(name: string, nest: NestMajor): string {
  const range = OWN_MANIFEST.peerDependencies[name] ?? '';
  const highest = semver.minVersion(range.split('||').at(-1) ?? '')?.major ?? '';
  return `${name}@${majorBeside(nest, name) ?? highest}`;
}

/**
 * Whether the application's packages are installed, in versions that fit its Nest, and the same copies that this
 * package loads.
 */
export function checkPackages({ directory, needed }: PackagesCheck): Finding[] {
  const own = folderOf(OWN_MANIFEST.name, directory);
  const nest = nestOf(directory);
  const ownFinding =
    own === undefined
      ? problem(
          `${OWN_MANIFEST.name} is not installed here`,
          `In your application's folder: npm install ${OWN_MANIFEST.name}`,
        )
      : ok(`${OWN_MANIFEST.name} ${manifestIn(own).version}`);
  return [
    ownFinding,
    ...Object.keys(OWN_MANIFEST.peerDependencies).map((name) => {
      const isOptional = OWN_MANIFEST.peerDependenciesMeta[name]?.optional === true && !needed.includes(name);
      return checkPackage(name, { directory, own, nest, isOptional });
    }),
  ];
}

interface PackageCheck {
  readonly directory: string;
  readonly own: string | undefined;
  readonly nest: NestMajor;
  readonly isOptional: boolean;
}

function checkPackage(name: string, { directory, own, nest, isOptional }: PackageCheck): Finding {
  const folder = folderOf(name, directory);
  if (folder === undefined) {
    return isOptional
      ? skipped(`${name} is not installed, and this set-up does not need it`)
      : problem(`${name} is not installed`, `npm install ${installable(name, nest)}`);
  }
  const { version } = manifestIn(folder);
  const range = OWN_MANIFEST.peerDependencies[name] ?? '';
  if (!semver.satisfies(version, range)) {
    return problem(`${name} ${version} does not fit`, `It must be ${range}: npm install ${installable(name, nest)}`);
  }
  if (name.startsWith('@nestjs/') && semver.major(version) !== majorBeside(nest, name)) {
    return problem(`${name} ${version} does not fit Nest ${nest}`, `npm install ${installable(name, nest)}`);
  }
  if (own !== undefined && folderOf(name, own) !== folder) {
    return problem(
      `${name} is installed twice: ${OWN_MANIFEST.name} uses another copy than your application`,
      `To see which package needs it, run npm ls ${name}. Then run npm dedupe, or install both again.`,
    );
  }
  return ok(`${name} ${version}`);
}
