import { join } from 'node:path';

/** @type {import('jest').ProjectConfig} */
export default {
  rootDir: join(import.meta.dirname, '..', '..'),
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
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
    '^sample-app/(.*)\\.js$': '<rootDir>/sample-app/src/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'],
  },
};
