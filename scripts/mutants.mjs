#!/usr/bin/env node
// Measures how much of a folder of lib could be wrong without a test noticing: `npm run mutants -- token`.
import { Stryker } from '@stryker-mutator/core';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Those files of a folder that have no specs of their own. */
const OTHERS = 'others';

/**
 * The specs that are asked about each folder, or about its files by name: none that starts a process or lets real time
 * pass. Each mutant loads all the specs of its file anew, so that fewer are faster.
 */
const SPECS = {
  token: [
    [['backoff'], ['backoff']],
    [['token-ages'], ['token-ages']],
    [['token-memory', 'recent-ids'], ['token-memory']],
    [['call-history'], ['call-history']],
    [['scrub', 'encodings'], ['scrub']],
    [['read-token-response', 'retry-after', 'token-error-response', 'token-response'], ['token-responses']],
    [['token-endpoint-failure'], ['token-refusals']],
    [['request-token', 'token-endpoint', 'token-grants'], ['token-requests']],
    [['auth-events'], ['auth-events']],
    [['own-agent'], ['own-agent']],
    [['token-wait'], ['token-wait']],
    [['network-options', 'token-client'], ['token-request-options']],
    [['pending-refund', 'rejection-budget'], ['rejection-budget']],
    [['token-failure'], ['token-failure']],
    [['credentials', 'fingerprint', 'quiqup-access-token'], ['credentials']],
    [['shared-records'], ['shared-records']],
    [['shared-lookup'], ['shared-lookup']],
    [['turn-queue'], ['turn-queue']],
    [['as-auth-error', 'renewal-outcomes', 'token-log'], ['renewal-outcomes']],
    [['token-recovery'], ['rejections', 'store-loss']],
    [
      ['token-acquisition', 'token-fetch'],
      ['taking-turns', 'store-loss', 'rejections'],
    ],
    [OTHERS, ['renewing', 'taking-turns', 'store-loss', 'rejections', 'token-requests']],
  ],
  refresh: ['refreshing', 'store-loss'],
  store: [
    [['record-sealer', 'stored-records'], ['stored-records']],
    [['store-circuit-breaker'], ['circuit-breaker']],
    [['process-lock'], ['store-lock']],
    [['redis-lock'], ['redis-lock']],
    [
      ['bounded-reads', 'cache-entries', 'cluster-slot', 'given-up-writes', 'keyv-codec', 'redis-client'],
      ['small-store-parts'],
    ],
    [['client-watch', 'redis-connection', 'redis-entries'], ['redis-entries']],
    [['store-reason', 'connection-errors'], ['store-reason']],
    [OTHERS, ['store-entries', 'shared-entries']],
  ],
  http: [
    [['trusted-origins'], ['origins']],
    [['hidden-connections'], ['hidden-connections']],
    [['request-snapshot'], ['request-snapshot']],
    [['bodies', 'is-object'], ['bodies']],
    [['destination'], ['destination']],
    [['token-search', 'authorization-header'], ['token-search']],
    [['redact-token'], ['redact-token']],
    [['call-watch', 'body-watch'], ['waiting-calls']],
    [['authorized-sending', 'redirect-guard', 'settled'], ['authorized-sending']],
    [['stream-observable'], ['stream-observable']],
    [['call-kind'], ['call-history']],
    [['call-error'], ['call-error']],
    [['adapter-of', 'nest-axios'], ['adapter-of']],
    [['watched-fetch'], ['watched-fetch']],
    [['pristine-axios'], ['pristine-axios']],
    [['quiqup-axios.interceptor', 'quiqup-http.service'], ['attaching']],
    [['detached-stream'], ['detached-streams']],
    [['detached-web-stream', 'refused-body'], ['detached-web-streams']],
    [OTHERS, ['exchanges']],
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
const lib = join(import.meta.dirname, '..', 'lib', folder);
const all = readdirSync(lib)
  .map((name) => name.replace(/\.ts$/, ''))
  .filter((name) => name !== 'index');
const byFile = typeof given[0] === 'string' ? [[OTHERS, given]] : given;
const named = byFile.flatMap(([names]) => (names === OTHERS ? [] : names));
const missing = [...named, ...files].filter((name) => !all.includes(name));
if (missing.length > 0) {
  process.stderr.write(`lib/${folder} has no ${missing.map((name) => `${name}.ts`).join(', ')}.\n`);
  process.exit(1);
}
const groups = byFile
  .map(([names, specs]) => [names === OTHERS ? all.filter((name) => !named.includes(name)) : names, specs])
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
      // A test that a mutant fails leaves work behind that nothing waits for.
      '--unhandled-rejections=none',
    ],
    jest: {
      projectType: 'custom',
      configFile: 'test/support/jest-project.mjs',
      enableFindRelatedTests: false,
      config: {
        reporters: [],
        runner: '<rootDir>/scripts/mutants-runner.mjs',
        testEnvironment: fileURLToPath(import.meta.resolve('./mutants-environment.cjs')),
        // A mutant that makes a test wait in vain is found out soon.
        testTimeout: 4_000,
        testMatch: specs.map((spec) => `<rootDir>/test/${spec}.spec.ts`),
      },
    },
    mutate: names.map((name) => `lib/${folder}/${name}.ts`),
    ignorePatterns: [
      '/docs',
      '/bench',
      '/sample-app/dist',
      '/playground/dist',
      '/dist',
      '/coverage',
      '/reports',
      '/.ci',
    ],
    ignorers: ['texts'],
    ignoreStatic: true,
    coverageAnalysis: 'perTest',
    incremental: true,
    incrementalFile: `reports/mutants/${folder}-${specs.join('-').replaceAll('/', '.')}.json`,
    concurrency: Number(process.env.MUTANTS_AT_ONCE ?? 1),
    timeoutMS: 5_000,
    timeoutFactor: 2,
    thresholds: { high: 95, low: LEAST },
    reporters: ['clear-text', 'progress-append-only', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: `reports/mutants/${folder}-${specs.join('-').replaceAll('/', '.')}.html` },
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
