#!/usr/bin/env node
// Measures how much of a folder of lib could be wrong without a test noticing: `npm run mutants -- token`.
import { Stryker } from '@stryker-mutator/core';
import { fileURLToPath } from 'node:url';

/** The specs that are asked about each folder: none that starts a process or lets real time pass. */
const SPECS = {
  token: ['backoff', 'token-ages', 'token-memory'],
  refresh: ['token-ages'],
  store: ['sealing'],
  http: ['trust'],
};

const [folder, ...globs] = process.argv.slice(2);
const specs = SPECS[folder];
if (specs === undefined) {
  process.stderr.write(`Usage: npm run mutants -- ${Object.keys(SPECS).join('|')} [file of the folder]...\n`);
  process.exit(1);
}

const stryker = new Stryker({
  testRunner: 'jest',
  plugins: [
    fileURLToPath(import.meta.resolve('@stryker-mutator/jest-runner')),
    fileURLToPath(import.meta.resolve('./mutants-ignore-texts.mjs')),
  ],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    enableFindRelatedTests: false,
    config: {
      // Over jest.config.mjs: no programs are started, so none are bundled.
      globalSetup: null,
      reporters: [],
      testMatch: specs.map((spec) => `<rootDir>/test/${spec}.spec.ts`),
    },
  },
  mutate: globs.length === 0 ? [`lib/${folder}/**/*.ts`] : globs.map((glob) => `lib/${folder}/${glob}.ts`),
  ignorePatterns: ['/docs', '/bench', '/sample-app/dist', '/dist', '/coverage', '/reports', '/.ci'],
  ignorers: ['texts'],
  ignoreStatic: true,
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: `reports/mutants/${folder}.json`,
  concurrency: Number(process.env.MUTANTS_AT_ONCE ?? 1),
  timeoutMS: 5_000,
  timeoutFactor: 2,
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ['clear-text', 'progress-append-only', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `reports/mutants/${folder}.html` },
  tempDirName: '.stryker-tmp',
  disableTypeChecks: false,
});
await stryker.runMutationTest();
