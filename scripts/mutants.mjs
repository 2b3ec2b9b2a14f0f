#!/usr/bin/env node
// Measures how much of a folder of lib could be wrong without a test noticing: `npm run mutants -- token`.
import { Stryker } from '@stryker-mutator/core';
import { fileURLToPath } from 'node:url';

/**
 * The specs that are asked about each folder, or about its files by name: none that starts a process or lets real time
 * pass. Each mutant loads all the specs of its file anew, so that fewer are faster.
 */
const SPECS = {
  token: [
    'backoff',
    'token-ages',
    'token-memory',
    'token-requests',
    'store-loss',
    'renewing',
    'taking-turns',
    'rejections',
  ],
  refresh: ['refreshing', 'store-loss'],
  store: [
    [['record-sealer', 'stored-records'], ['stored-records']],
    [['store-circuit-breaker'], ['circuit-breaker']],
    [['process-lock', 'redis-lock'], ['store-lock']],
    [['redis-entries'], ['store-lock', 'store-entries']],
    [
      ['cache-entries', 'cache-token-store', 'coordination', 'redis-cache', 'redis-of', 'redis-probe', 'store-log'],
      ['store-entries'],
    ],
  ],
  http: [
    [['trusted-origins'], ['origins']],
    [
      [
        'authorization-header',
        'authorized-sending',
        'authorizing-adapter',
        'bodies',
        'call-signal',
        'quiqup-axios.interceptor',
        'quiqup-http.service',
        'redact-token',
        'redirect-guard',
        'request-snapshot',
        'settled',
      ],
      ['adapters'],
    ],
  ],
};

/** In per cent. */
const LEAST = 90;

const [folder, ...files] = process.argv.slice(2);
const given = SPECS[folder];
if (given === undefined) {
  process.stderr.write(`Usage: npm run mutants -- ${Object.keys(SPECS).join('|')} [file of the folder]...\n`);
  process.exit(1);
}
const byFile = typeof given[0] === 'string' ? [[files.length === 0 ? ['**/*'] : files, given]] : given;
const groups = byFile
  .map(([names, specs]) => [names.filter((name) => files.length === 0 || files.includes(name)), specs])
  .filter(([names]) => names.length > 0);

async function mutate([names, specs]) {
  const stryker = new Stryker({
    testRunner: 'jest',
    plugins: [
      fileURLToPath(import.meta.resolve('@stryker-mutator/jest-runner')),
      fileURLToPath(import.meta.resolve('./mutants-ignore-texts.mjs')),
    ],
    testRunnerNodeArgs: [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      // A test that a mutant fails leaves work behind that nobody waits for.
      '--unhandled-rejections=none',
    ],
    jest: {
      projectType: 'custom',
      enableFindRelatedTests: false,
      config: {
        // Over jest.config.mjs: no programs are started, so none are bundled.
        globalSetup: null,
        reporters: [],
        runner: '<rootDir>/scripts/mutants-runner.mjs',
        testEnvironment: fileURLToPath(import.meta.resolve('./mutants-environment.cjs')),
        // A mutant that makes a test wait in vain is found out soon.
        testTimeout: 4_000,
        testMatch: specs.map((spec) => `<rootDir>/test/${spec}.spec.ts`),
      },
    },
    mutate: names.map((name) => `lib/${folder}/${name}.ts`),
    ignorePatterns: ['/docs', '/bench', '/sample-app/dist', '/dist', '/coverage', '/reports', '/.ci'],
    ignorers: ['texts'],
    ignoreStatic: true,
    coverageAnalysis: 'perTest',
    incremental: true,
    incrementalFile: `reports/mutants/${folder}-${specs.join('-')}.json`,
    concurrency: Number(process.env.MUTANTS_AT_ONCE ?? 1),
    timeoutMS: 5_000,
    timeoutFactor: 2,
    thresholds: { high: 95, low: LEAST },
    reporters: ['clear-text', 'progress-append-only', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: `reports/mutants/${folder}-${specs.join('-')}.html` },
    tempDirName: '.stryker-tmp',
    disableTypeChecks: false,
  });
  return stryker.runMutationTest();
}

const counts = {};
for (const group of groups) {
  for (const { status } of await mutate(group)) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
}
const { Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0 } = counts;
const score = ((Killed + Timeout) / (Killed + Timeout + Survived + NoCoverage)) * 100;
process.stdout.write(`lib/${folder}: ${score.toFixed(2)} % of the mutants killed ${JSON.stringify(counts)}\n`);
process.exitCode = score < LEAST ? 1 : 0;
