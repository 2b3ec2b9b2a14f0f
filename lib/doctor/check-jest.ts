import semver from 'semver';
import { ok, problem, type Finding } from './finding.js';
import { folderOf, manifestIn } from './installed-packages.js';

/** From this version on, Jest supports ES modules without a flag. */
const TAKES_ES_MODULES = '>=24.9.0';
const FLAG = '--experimental-vm-modules';

/** Nest 12 consists of ES modules, which Jest loads only with a Node flag. */
export function checkJest(directory: string, nest: number, node: string): Finding[] {
  if (nest < 12 || folderOf('jest', directory) === undefined) {
    return [];
  }
  const scripts = Object.values(manifestIn(directory).scripts ?? {}).filter((script) => /\bjest\b/.test(script));
  const isReady = scripts.length === 0 || scripts.some((script) => script.includes(FLAG));
  if (isReady || semver.satisfies(node, TAKES_ES_MODULES)) {
    return [ok('Jest loads ES modules')];
  }
  return [
    problem(
      `Jest cannot load Nest ${nest}, which consists of ES modules`,
      `In package.json: "test": "node ${FLAG} node_modules/jest/bin/jest.js"`,
    ),
  ];
}
