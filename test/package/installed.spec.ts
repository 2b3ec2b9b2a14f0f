import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { FreshFolder } from '../support/fresh-folder.js';
import { OtherNodes } from '../support/other-nodes.js';
import { RedisServer } from '../support/redis-server.js';
import { addModule } from './newcomer/add-module.mjs';

const PROGRAMS = join('test', 'package', 'programs');
const INSTALL_LIMIT_MS = 300_000;

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { peerDependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;

/** The versions of this repository's own development. */
const ours = (...names: string[]): string[] => names.map((name) => `${name}@${devDependencies[name]}`);

const BESIDE = ours('axios', 'cache-manager', 'keyv', '@keyv/redis', '@opentelemetry/api', 'reflect-metadata', 'rxjs');

const NEST_12 = [
  ...ours('@nestjs/common', '@nestjs/core', '@nestjs/platform-express', '@nestjs/axios', '@nestjs/schedule'),
  ...ours('@nestjs/terminus'),
  '@nestjs/platform-fastify@12.5.0',
  ...BESIDE,
];

const NEST_11 = [
  ...['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@11.2.10`),
  '@nestjs/platform-fastify@11.2.8',
  '@nestjs/axios@4.0.1',
  '@nestjs/cache-manager@3',
  '@nestjs/schedule@6.1.3',
  '@nestjs/terminus@11.1.1',
  // Needed by the tests of a generated application.
  '@nestjs/testing@11.2.6',
  'jest@30',
  'ts-jest@29',
  'supertest@7',
  '@types/jest@30',
  '@types/supertest@7',
  'typescript@5.9',
  ...BESIDE,
];

/** The first version of each range. */
const LOWEST = [
  ...Object.entries(peerDependencies).map(([name, range]) => `${name}@${/\d+\.\d+\.\d+/.exec(range)?.[0]}`),
  '@nestjs/platform-express@11.0.0',
  // Earlier ones ask for Nest 10.
  '@nestjs/platform-fastify@11.0.3',
];

/** The first of the range in `engines`, and one of the newest. */
const OTHER_NODES = ['22.12.0', '24.21.0'];

/** Each of both kinds of modules and of servers, with a shared token and without. */
const APPLICATIONS = [
  ['an ESM application on Express, with Redis,', 'application.mjs', 'express', true],
  ['a CommonJS application on Fastify, without Redis,', 'application.cjs', 'fastify', false],
] as const;

type ModuleResolution = [name: string, files: string[], options: ts.CompilerOptions];
const NODENEXT: ModuleResolution = [
  'nodenext, in ES modules and in CommonJS',
  ['consumer.mts', 'consumer.cts'],
  { module: ts.ModuleKind.NodeNext },
];
const NODE16: ModuleResolution = [
  'node16, in ES modules and in CommonJS',
  ['consumer.mts', 'consumer.cts'],
  { module: ts.ModuleKind.Node16 },
];
const BUNDLER: ModuleResolution = [
  'bundler',
  ['consumer.ts'],
  { module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler },
];
const NODE10: ModuleResolution = [
  'commonjs, as Nest projects used to be set up',
  ['consumer.ts'],
  // oxlint-disable-next-line typescript/no-deprecated -- what such projects have
  { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, ignoreDeprecations: '6.0' },
];

type Versions = 'Nest 12' | 'Nest 11' | 'the lowest versions';

let redis: RedisServer;
let folders: Readonly<Record<Versions, FreshFolder>>;
let nodes: OtherNodes;

const running: (() => Promise<void>)[] = [];

async function untilTheEnd<T extends { remove: () => Promise<void> }>(making: Promise<T>): Promise<T> {
  const made = await making;
  running.push(() => made.remove());
  return made;
}

beforeAll(async () => {
  redis = await RedisServer.start();
  running.push(() => redis.stop());
  const [nest12, nest11, lowest, binaries] = await Promise.all([
    untilTheEnd(FreshFolder.create(NEST_12, PROGRAMS)),
    untilTheEnd(FreshFolder.create(NEST_11, PROGRAMS)),
    untilTheEnd(FreshFolder.create(LOWEST, PROGRAMS)),
    untilTheEnd(OtherNodes.install(OTHER_NODES)),
  ]);
  folders = { 'Nest 12': nest12, 'Nest 11': nest11, 'the lowest versions': lowest };
  nodes = binaries;
}, INSTALL_LIMIT_MS);

afterAll(async () => {
  await Promise.all(running.map((end) => end()));
});

/** Nest 12 is of ES modules and has axios' ES module, Nest 11 is CommonJS. */
function hasNestsAxios(folder: FreshFolder, [program]: readonly string[]): boolean {
  return (folder === folders['Nest 12']) === (program === 'application.mjs');
}

async function expectStory(folder: FreshFolder, node: string, program: readonly string[], env = {}): Promise<void> {
  const { code, stdout } = await folder.run(node, program, env);
  const health = program.includes('terminus') ? { health: [503, 200, 503] } : {};
  const told = stdout.slice(stdout.indexOf('{'));
  expect([code, JSON.parse(told || '{}')]).toEqual([
    0,
    {
      errorOf: { nest: true, application: hasNestsAxios(folder, program) },
      orders: [200, 200],
      unauthorized: 1,
      ...health,
      leftOpen: [],
    },
  ]);
}

describe.each<[Versions, string[], ModuleResolution[]]>([
  ['Nest 12', ['terminus'], [NODENEXT, BUNDLER]],
  ['Nest 11', ['terminus'], [NODE16, NODE10]],
  ['the lowest versions', [], [NODENEXT, BUNDLER]],
])('Beside %s', (versions, terminus, moduleResolutions) => {
  it.each(APPLICATIONS)(
    '%s calls, recovers from a 401 and leaves nothing open',
    async (_, program, adapter, isShared) => {
      const env = isShared ? { REDIS_URL: redis.url } : {};
      await expectStory(folders[versions], process.execPath, [program, adapter, ...terminus], env);
    },
  );

  it('the CommonJS files do the same', async () => {
    const env = { COMMONJS_FILES: 'yes', REDIS_URL: redis.url };
    await expectStory(folders[versions], process.execPath, ['application.cjs', 'express', ...terminus], env);
  });

  it.each(moduleResolutions)('TypeScript takes the types: %s', (_, files, options) => {
    expect(folders[versions].compile(files, options)).toEqual([]);
  });
});

describe.each(OTHER_NODES)('Node %s', (version) => {
  it.each([
    ['Nest 12', 'application.mjs', 'fastify'],
    ['Nest 12', 'application.cjs', 'express'],
    ['Nest 11', 'application.cjs', 'express'],
  ] as const)('runs on %s: %s on %s', async (versions, program, adapter) => {
    const node = nodes.binary(version);
    if (node === undefined) {
      process.stderr.write(`${program} not run on Node ${version}: the registry has none for this machine\n`);
      return;
    }
    expect((await folders[versions].run(node, ['--version'])).stdout).toBe(`v${version}\n`);
    await expectStory(folders[versions], node, [program, adapter, 'terminus'], { REDIS_URL: redis.url });
    process.stderr.write(`${program} ran beside ${versions} on Node ${version}\n`);
  });
});

describe('An application that the Nest 11 CLI generated', () => {
  const env = { QUIQUP_CLIENT_ID: 'a-client', QUIQUP_CLIENT_SECRET: 'a-secret', QUIQUP_BASE_URL: 'http://127.0.0.1:1' };
  const jest = (...args: string[]) =>
    folders['Nest 11'].run(process.execPath, ['../node_modules/jest/bin/jest.js', ...args], env, 'newcomer');

  beforeAll(async () => {
    await addModule(await folders['Nest 11'].take(join('test', 'package', 'newcomer', 'nest-11'), 'newcomer'));
  });

  it('passes its untouched tests with the module in it', async () => {
    const { code, stderr } = await jest();
    expect(stderr).toContain('3 passed, 3 total');
    expect(code).toBe(0);
  });

  it('passes its untouched e2e tests', async () => {
    const { code, stderr } = await jest('--config', './test/jest-e2e.json');
    expect(stderr).toContain('1 passed, 1 total');
    expect(code).toBe(0);
  });

  it('compiles as `nest build` does', async () => {
    const compile = ['../node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
    expect(await folders['Nest 11'].run(process.execPath, compile, env, 'newcomer')).toMatchObject({
      code: 0,
      stdout: '',
    });
  });
});

describe('The command of the package', () => {
  it('is found by npx, and has nothing against what is installed', async () => {
    for (const folder of Object.values(folders)) {
      const { code, stdout } = await folder.run('npx', ['--no', 'nestjs-quiqup-auth', 'doctor']);
      expect(code).toBe(1);
      expect(stdout.match(/^✗ .*/gm)).toEqual([
        '✗ QUIQUP_CLIENT_ID is not set',
        '✗ QUIQUP_CLIENT_SECRET is not set',
        '✗ QUIQUP_ENVIRONMENT is not set',
      ]);
    }
  });
});

describe('Without @keyv/redis', () => {
  beforeAll(() => folders['the lowest versions'].uninstall('@keyv/redis'));

  it('the memory of the process is what an application has', async () => {
    await expectStory(folders['the lowest versions'], process.execPath, ['application.mjs', 'express']);
  });

  it('cache.redis says what to install', async () => {
    const env = { REDIS_URL: redis.url };
    const { code, stderr } = await folders['the lowest versions'].run(
      process.execPath,
      ['application.mjs', 'express'],
      env,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('cache.redis: needs a package that is not installed: npm install @keyv/redis@5 keyv@5');
  });

  it('the doctor says so as well', async () => {
    const { stdout } = await folders['the lowest versions'].run('npx', ['--no', 'nestjs-quiqup-auth', 'doctor'], {
      REDIS_URL: redis.url,
    });
    expect(stdout).toContain('✗ @keyv/redis is not installed\n    npm install @keyv/redis@5\n');
  });
});
