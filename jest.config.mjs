/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/fleet/programs/bundle.mjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'nodenext' },
      },
    ],
  },
  // The package's names lead to the sources: one copy of each class, and no stale build.
  moduleNameMapper: {
    '^nestjs-quiqup-auth$': '<rootDir>/lib/index.ts',
    '^nestjs-quiqup-auth/opentelemetry$': '<rootDir>/lib/opentelemetry/index.ts',
    '^nestjs-quiqup-auth/testing$': '<rootDir>/lib/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'],
  },
  // Above the limits within tests, which say what did not happen.
  testTimeout: 30_000,
  // On two cores jest would run one file after another, though most of them wait for processes of their own.
  maxWorkers: 2,
  // Of a file's concurrent tests, which wait most of the time.
  maxConcurrency: 8,
  reporters: ['default', '<rootDir>/test/support/totals-reporter.mjs'],
};
