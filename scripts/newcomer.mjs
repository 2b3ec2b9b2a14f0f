#!/usr/bin/env node
// A newcomer: the application that the Nest CLI generates, the README's install command, and the untouched tests, build and
// start, and one bundled. It needs the network, and prints for each application what ran and what did not.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installCommand } from '../dist/doctor/install-table.js';
import { QuiqupSimulator } from '../dist/testing/index.js';
import { addModule } from '../test/package/newcomer/add-module.mjs';
import { packInto } from '../test/support/pack-into.mjs';

const PACKAGE = 'nestjs-quiqup-auth';
const YARN = ['npx', '-y', '@yarnpkg/cli-dist@4'];
const PNPM = ['npx', '-y', 'pnpm@10'];
/** How each package manager installs, adds and runs a script. */
const MANAGERS = {
  npm: {
    install: ['npm', 'install', '--no-audit', '--no-fund'],
    add: ['npm', 'install'],
    run: ['npm', 'run'],
    exec: ['npx', '--no'],
    node: ['node'],
  },
  pnpm: {
    install: [...PNPM, 'install'],
    add: [...PNPM, 'add'],
    run: [...PNPM, 'run'],
    exec: [...PNPM, 'exec'],
    node: ['node'],
  },
  'yarn pnp': {
    install: [...YARN, 'install'],
    add: [...YARN, 'add'],
    run: [...YARN, 'run'],
    exec: [...YARN, 'run'],
    node: [...YARN, 'node'],
  },
};
const APPLICATIONS = [
  { nest: 11, manager: 'npm' },
  { nest: 12, manager: 'npm' },
  { nest: 11, manager: 'pnpm' },
  { nest: 11, manager: 'yarn pnp' },
  { nest: 11, manager: 'npm', builder: 'swc' },
  { nest: 11, manager: 'npm', builder: 'webpack' },
  { nest: 11, manager: 'npm', bundler: 'esbuild' },
];
/** Optional packages of Nest. */
const OPTIONAL = ['@nestjs/websockets/*', '@nestjs/microservices', '@nestjs/microservices/*', 'class-*', '@keyv/redis'];

const results = [];
const folder = mkdtempSync(join(tmpdir(), 'quiqup-newcomer-'));
const simulator = await new QuiqupSimulator().start();
const env = {
  ...process.env,
  QUIQUP_BASE_URL: simulator.url,
  QUIQUP_CLIENT_ID: simulator.clients[0].clientId,
  QUIQUP_CLIENT_SECRET: simulator.clients[0].clientSecret,
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  PORT: '0',
};

/** The problem, if there is one. The simulator runs in this process, which therefore must not block. */
async function run([command, ...args], cwd) {
  try {
    await promisify(execFile)(command, args, { cwd, env, timeout: 600_000, maxBuffer: 2 ** 26 });
    return undefined;
  } catch ({ stdout, stderr }) {
    return `${[command, ...args].join(' ')}\n${stdout}\n${stderr}`.slice(-3_000);
  }
}

/** Starts the built application, and waits for the line that tells of its first token. */
function start(command, cwd) {
  return new Promise((done) => {
    const child = spawn(command[0], command.slice(1), { cwd, env });
    let output = '';
    const end = (problem) => {
      clearTimeout(timer);
      child.kill();
      done(problem);
    };
    const timer = setTimeout(() => end(`no token within a minute:\n${output}`), 60_000);
    const hear = (chunk) => {
      output += chunk;
      if (output.includes('Token acquired')) {
        end();
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => end(`ended with ${code}:\n${output}`));
  });
}

function useBuilder(app, builder) {
  const path = join(app, 'nest-cli.json');
  const options = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...options, compilerOptions: { ...options.compilerOptions, builder } }));
}

/** One file, in a folder from which no package can be found. */
async function bundle(app) {
  const external = OPTIONAL.map((name) => `--external:${name}`);
  const file = join(app, 'bundle', 'main.js');
  const command = ['npx', '-y', 'esbuild@0.28', 'dist/main.js', '--bundle', '--minify', '--platform=node', ...external];
  const problem = await run([...command, `--outfile=${file}`], app);
  if (problem === undefined) {
    renameSync(join(app, 'node_modules'), join(app, 'not_found'));
  }
  return problem;
}

async function tryApplication(tarball, { nest, manager, builder, bundler }) {
  const tool = builder ?? bundler ?? 'tsc';
  const name = ['nest', nest, manager.replace(' ', '-'), tool].join('-');
  const label = `Nest ${nest}, ${manager}, ${tool}`;
  const app = join(folder, name);
  const { install, add, run: runScript, exec, node } = MANAGERS[manager];
  const packages = installCommand(nest).split(' ').slice(3);
  const steps = [
    [
      'generate',
      () => run(['npx', '-y', `@nestjs/cli@${nest}`, 'new', name, '--skip-git', '--skip-install', '-p', 'npm'], folder),
    ],
    ['install', () => run(install, app)],
    ['add', () => run([...add, `${PACKAGE}@file:${tarball}`, ...(builder === undefined ? packages : [])], app)],
    ...(builder === undefined
      ? []
      : [['nest add', () => run([...exec, 'nest', 'add', PACKAGE, '--skip-install'], app)]]),
    // ts-jest does not list it, which Plug'n'Play insists on.
    ...(manager === 'yarn pnp' ? [['add jest-util', () => run([...add, '-D', 'jest-util@30'], app)]] : []),
    ...(builder === 'swc' ? [['add swc', () => run([...add, '-D', '@swc/cli', '@swc/core'], app)]] : []),
    ['import', () => addModule(app)],
    ['doctor', () => run([...exec, PACKAGE, 'doctor'], app)],
    ['test', () => run([...runScript, 'test'], app)],
    ['test:e2e', () => run([...runScript, 'test:e2e'], app)],
    ['build', () => (builder && useBuilder(app, builder), run([...runScript, 'build'], app))],
    ...(bundler === undefined ? [] : [['bundle', () => bundle(app)]]),
    ['start', () => start([...node, bundler === undefined ? 'dist/main.js' : 'bundle/main.js'], app)],
  ];
  for (const [step, work] of steps) {
    const problem = await work();
    if (problem !== undefined) {
      const rest = steps.slice(steps.findIndex(([each]) => each === step) + 1).map(([each]) => each);
      results.push({ label, failed: step });
      process.stdout.write(
        `✗ ${label}: ${String(step)} failed; not run: ${rest.join(', ') || 'nothing'}\n${problem}\n`,
      );
      return;
    }
  }
  results.push({ label });
  process.stdout.write(`✓ ${label}: ${steps.map(([each]) => each).join(', ')}\n`);
}

try {
  const tarball = await packInto(folder);
  const [given = ''] = process.argv.slice(2);
  for (const application of APPLICATIONS) {
    if (JSON.stringify(application).includes(given)) {
      await tryApplication(tarball, application);
    }
  }
} finally {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
}
const failed = results.filter((result) => result.failed !== undefined).length;
process.stdout.write(`\n${results.length - failed} of ${results.length} applications work untouched\n`);
process.exitCode = failed === 0 ? 0 : 1;
