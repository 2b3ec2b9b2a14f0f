import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InstalledPackage } from '../support/installed-package.js';

const program = (cache: string): string => `
  import 'reflect-metadata';
  import { NestFactory } from '@nestjs/core';
  import { QuiqupAuthModule } from 'nestjs-quiqup-auth';

  const options = { baseUrl: 'http://127.0.0.1:1', clientId: 'id', clientSecret: 'secret', warmUp: 'off', cache: ${cache} };
  try {
    const app = await NestFactory.createApplicationContext(QuiqupAuthModule.forRoot(options), {
      logger: false,
      abortOnError: false,
    });
    await app.close();
    console.log('booted');
  } catch (error) {
    console.log(error.name, error.code, error.message);
  }
`;

describe('The package, installed without @keyv/redis', () => {
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await InstalledPackage.install(['@keyv/redis']);
  });
  afterAll(() => installed.remove());

  it('says what to install when cache.redis needs it', async () => {
    const said = await installed.run(program(`{ redis: 'redis://127.0.0.1:1' }`));
    expect(said).toMatch(/^QuiqupConfigError QUIQUP_CONFIG_INVALID/);
    expect(said).toContain('cache.redis: needs a package that is not installed: npm install @keyv/redis@5 keyv@5');
  });

  it('boots with the memory of the process', async () => {
    expect(await installed.run(program('{}'))).toBe('booted\n');
  });
});
