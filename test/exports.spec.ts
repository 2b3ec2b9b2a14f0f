import { describe, expect, it } from '@jest/globals';
import * as main from 'nestjs-quiqup-auth';
import * as opentelemetry from 'nestjs-quiqup-auth/opentelemetry';
import * as testing from 'nestjs-quiqup-auth/testing';
import { execFile } from 'node:child_process';
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
    expect(paths).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/testing/index.js']));
    expect(paths.filter((path) => !/^(dist|docs)\//.test(path)).toSorted()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ]);
    expect(paths.filter((path) => path.startsWith('docs/') && !/\.(md|png|svg)$/.test(path))).toEqual([]);
    expect(paths.filter((path) => !/\.(js|d\.ts)$/.test(path) && path.startsWith('dist/'))).toEqual([]);
  });
});
