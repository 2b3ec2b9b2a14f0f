import { NEST_MAJORS, packagesBeside, type NestMajor } from '../doctor/install-table.js';
import { BY_HAND, withQuiqupAuthModule } from './root-module.js';
import type { Rule, SchematicContext, Tree } from './schematic.js';

interface NestAddOptions {
  /** The source folder by `nest-cli.json`. */
  readonly sourceRoot?: string;
}

interface Manifest {
  dependencies?: Record<string, string>;
}

const MANIFEST = 'package.json';
const EXAMPLE = '.env.example';
const VARIABLES = `# Of nestjs-quiqup-auth. QUIQUP_ENVIRONMENT is production, staging or mock.
QUIQUP_ENVIRONMENT=staging
QUIQUP_CLIENT_ID=
QUIQUP_CLIENT_SECRET=
# Shares the token between instances; needs @keyv/redis@5.
# REDIS_URL=redis://localhost:6379
`;

/**
 * `nest add nestjs-quiqup-auth`: adds the packages for the installed Nest, the registration in the root module, and the
 * variables in `.env.example`. It overwrites nothing, and a second run changes nothing.
 *
 * @throws Error outside an application with a supported Nest
 */
export function nestAdd({ sourceRoot = 'src' }: NestAddOptions): Rule {
  return (tree, context) => {
    addPackages(tree, context);
    register(tree, context, `${sourceRoot}/app.module.ts`);
    nameVariables(tree);
    context.logger.info('To check the set-up, run: npx --no nestjs-quiqup-auth doctor --env .env');
    return tree;
  };
}

function nestOf({ dependencies = {} }: Manifest): NestMajor {
  const range = dependencies['@nestjs/common'] ?? '';
  const major = Number(/\d+/.exec(range)?.[0]);
  const nest = NEST_MAJORS.find((each) => each === major);
  if (nest === undefined) {
    const found = range === '' ? 'no @nestjs/common' : `@nestjs/common ${range}`;
    throw new Error(
      `nestjs-quiqup-auth needs Nest ${NEST_MAJORS.toReversed().join(' or ')}, and package.json has ${found}.`,
    );
  }
  return nest;
}

function addPackages(tree: Tree, context: SchematicContext): void {
  const manifest = JSON.parse(tree.exists(MANIFEST) ? tree.readText(MANIFEST) : '{}') as Manifest;
  const wanted = Object.entries(packagesBeside(nestOf(manifest)));
  const missing = wanted.filter(([name]) => manifest.dependencies?.[name] === undefined);
  if (missing.length === 0) {
    return;
  }
  const all = {
    ...manifest.dependencies,
    ...Object.fromEntries(missing.map(([name, major]) => [name, `^${major}.0.0`])),
  };
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  tree.overwrite(MANIFEST, `${JSON.stringify({ ...manifest, dependencies: sorted }, undefined, 2)}\n`);
  context.addTask({ toConfiguration: () => ({ name: 'node-package', options: { command: 'install' } }) });
}

function register(tree: Tree, context: SchematicContext, path: string): void {
  const text = tree.exists(path) ? tree.readText(path) : undefined;
  const changed = text === undefined ? undefined : withQuiqupAuthModule(text);
  if (changed === undefined) {
    context.logger.warn(
      `The root module ${path} ${text === undefined ? 'does not exist' : 'has an unknown form'}. In your root module, write:\n\n${BY_HAND}`,
    );
  } else if (changed !== text) {
    tree.overwrite(path, changed);
  }
}

function nameVariables(tree: Tree): void {
  const text = tree.exists(EXAMPLE) ? tree.readText(EXAMPLE) : undefined;
  if (text === undefined) {
    tree.create(EXAMPLE, VARIABLES);
  } else if (!text.includes('QUIQUP_CLIENT_ID')) {
    tree.overwrite(EXAMPLE, `${text.replace(/\n*$/, '\n\n')}${VARIABLES}`);
  }
}
