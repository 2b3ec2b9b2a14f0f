import { describe, expect, it } from '@jest/globals';
import * as main from 'nestjs-quiqup-auth';
import * as opentelemetry from 'nestjs-quiqup-auth/opentelemetry';
import * as testing from 'nestjs-quiqup-auth/testing';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

describe('The package', () => {
  it('exports just this', () => {
    expect(Object.keys(main).toSorted()).toEqual([
      'InjectQuiqup',
      'QUIQUP_AUTH_CONFIG',
      'QuiqupAccessToken',
      'QuiqupAccount',
      'QuiqupAccountUnknownError',
      'QuiqupAccounts',
      'QuiqupAuthError',
      'QuiqupAuthModule',
      'QuiqupAxiosInterceptor',
      'QuiqupConfigError',
      'QuiqupCredentialsRefusedError',
      'QuiqupCredentialsUnavailableError',
      'QuiqupFetchService',
      'QuiqupHealthIndicator',
      'QuiqupHttpService',
      'QuiqupRateLimitedError',
      'QuiqupShutDownError',
      'QuiqupTokenEndpointError',
      'QuiqupTokenEndpointNotFoundError',
      'QuiqupTokenEndpointUnavailableError',
      'QuiqupTokenEndpointUnreachableError',
      'QuiqupTokenRequestRefusedError',
      'QuiqupTokenRequestTimeoutError',
      'QuiqupTokenResponseInvalidError',
      'QuiqupTokenService',
      'QuiqupTokenWaitTimeoutError',
      'getQuiqupProviderToken',
      'quiqupAuthOptionsFromEnv',
    ]);
  });

  it('exports just this for tests', () => {
    expect(Object.keys(testing).toSorted()).toEqual(['QuiqupAuthTestingModule', 'QuiqupSimulator']);
  });

  it('exports just this for OpenTelemetry', () => {
    expect(Object.keys(opentelemetry)).toEqual(['QuiqupTelemetryModule']);
  });

  it('ships what was built, and nothing else', async () => {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/testing/index.js', 'dist/cjs/index.js']),
    );
    expect(paths.filter((path) => !/^(dist|docs|lib)\//.test(path)).toSorted()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ]);
    const unexpected = paths.filter(
      (path) => !/^(docs\/.*\.(md|png|svg)|lib\/.*\.(ts|json)|dist\/.*\.(js|d\.ts|(js|d\.ts)\.map))$/.test(path),
    );
    expect(unexpected.filter((path) => path.includes('/'))).toEqual([
      'dist/cjs/package.json',
      'dist/cjs/schematics/collection.json',
    ]);
  });

  it('leads from declarations and bundles to sources', async () => {
    const maps = (await readdir('dist', { recursive: true })).filter((file) => file.endsWith('.map'));
    expect(maps.filter((file) => file.endsWith('.d.ts.map')).length).toBeGreaterThan(100);
    expect(maps).toContain(join('testing', 'index.js.map'));
    for (const map of maps) {
      const { sources } = JSON.parse(await readFile(join('dist', map), 'utf8')) as { sources: string[] };
      const missing = sources.filter((source) => !existsSync(join('dist', dirname(map), source)));
      expect([map, missing]).toEqual([map, []]);
    }
  });

  it('is a few ES modules, because each one costs time at boot, with the names of the classes that Nest logs', async () => {
    const files = (await readdir('dist', { recursive: true })).filter((file) => file.endsWith('.js'));
    const modules = files.filter((file) => !file.startsWith('cjs'));
    expect(modules.length).toBeLessThan(15);
    const texts = await Promise.all(modules.map((file) => readFile(join('dist', file), 'utf8')));
    expect(texts.join('\n')).toContain('class QuiqupAuthModule extends');
    // Bundlers warn of an import that takes nothing from a file without side effects.
    expect(texts.filter((text) => /^import '/m.test(text))).toEqual([]);
  });
});
