import project from './test/support/jest-project.mjs';

/** Specs of what is built: the package as it is packed, and programs that import it. */
const OF_THE_BUILD = [
  '**/test/{browser,fleet,package}/**/*.spec.ts',
  '**/test/{dashboard,doctor,exports,playground,redis-server,sample-app,simulator-command}.spec.ts',
];

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...project,
      displayName: 'source',
      testMatch: ['**/*.spec.ts', ...OF_THE_BUILD.map((pattern) => `!${pattern}`)],
    },
    {
      ...project,
      displayName: 'build',
      testMatch: OF_THE_BUILD,
      globalSetup: '<rootDir>/test/support/build.mjs',
    },
  ],
  // Above the limits within tests, which say what did not happen.
  testTimeout: 120_000,
  // On two cores jest would run one file after another, though most of them wait for processes of their own.
  maxWorkers: 2,
  // Of a file's concurrent tests, which wait most of the time.
  maxConcurrency: 8,
  reporters: ['default', '<rootDir>/test/support/totals-reporter.mjs'],
};
