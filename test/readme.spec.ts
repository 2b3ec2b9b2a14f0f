import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { QuiqupAuthModule, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { QuiqupAuthTestingModule, QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { installCommand, NEST_MAJORS } from '../lib/doctor/install-table.js';
import { SnippetFolder } from './support/doc-pages.js';
import { RecordedLog } from './support/recorded-log.js';

const readme = await readFile('README.md', 'utf8');
const usage = await readFile('docs/usage.md', 'utf8');
const errors = await readFile('docs/errors.md', 'utf8');

describe('The README', () => {
  it.each(NEST_MAJORS)("has doctor's command for Nest %i", (nest) => {
    expect(readme).toContain(`On Nest ${nest}:\n\n\`\`\`sh\n${installCommand(nest)}\n\`\`\`\n`);
  });
});

describe('A snippet of the documentation', () => {
  let folder: SnippetFolder;
  beforeAll(async () => {
    folder = await SnippetFolder.open();
  });
  afterAll(() => folder.remove());

  it.each([
    ['survivesARevokedToken', 201],
    ['createsAnOrderOffline', 42],
  ])('that tests does what it says: %s', async (recipe, result) => {
    const recipes = await folder.run<Record<string, () => Promise<number>>>('docs/testing.md', recipe);
    expect(await recipes[recipe]?.()).toBe(result);
  });

  it('that checks health answers 200 with a token and 503 without', async () => {
    const { HealthModule } = await folder.run<{ HealthModule: Type }>('docs/usage.md', 'HealthModule');
    const simulator = await new QuiqupSimulator().start();
    const options = { baseUrl: simulator.url, ...simulator.clients[0], warmUp: 'off' as const };
    const testing = await Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot(options), HealthModule] })
      .setLogger(new RecordedLog())
      .compile();
    const app = testing.createNestApplication();
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const status = async () => (await fetch(`http://127.0.0.1:${port}/health`)).status;
    expect(await status()).toBe(503);
    await app.get(QuiqupTokenService).getAccessToken();
    expect(await status()).toBe(200);
    await app.close();
    await simulator.stop();
  });

  it('that takes accounts from a database calls for a merchant', async () => {
    const simulator = await new QuiqupSimulator().start();
    const { MerchantOrders, MerchantOrdersModule } = await folder.run<{
      MerchantOrders: Type<{ create: (merchantId: string, order: object) => Promise<{ status: number }> }>;
      MerchantOrdersModule: Type;
    }>('docs/usage.md', 'MerchantOrdersModule');
    const builder = Test.createTestingModule({ imports: [MerchantOrdersModule] });
    const app = await QuiqupAuthTestingModule.override(builder, simulator).compile();
    await app.init();
    expect((await app.get(MerchantOrders).create('merchant-42', {})).status).toBe(201);
    await app.close();
    await simulator.stop();
  });

  it('that observes brings spans to the registered SDK', async () => {
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    const simulator = await new QuiqupSimulator().start();
    const { clientId, clientSecret } = simulator.clients[0];
    const env = { QUIQUP_BASE_URL: simulator.url, QUIQUP_CLIENT_ID: clientId, QUIQUP_CLIENT_SECRET: clientSecret };
    Object.assign(process.env, env);
    try {
      const { ObservedModule } = await folder.run<{ ObservedModule: Type }>('docs/usage.md', 'ObservedModule');
      const app = await Test.createTestingModule({ imports: [ObservedModule] }).compile();
      await app.init();
      await app.get(QuiqupTokenService).getAccessToken();
      expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['POST /oauth/token']);
      await app.close();
    } finally {
      Object.keys(env).forEach((name) => delete process.env[name]);
      trace.disable();
      await simulator.stop();
    }
  });
});

describe('The documentation names', () => {
  it('every option of forAccounts', () => {
    const own = ['resolveCredentials', 'maxAccounts', 'idleTimeout'];
    expect(own.filter((path) => !usage.includes(`| \`${path}\` `))).toEqual([]);
  });

  it('every error code', async () => {
    const files = await readdir('lib/errors');
    const sources = await Promise.all(files.map((file) => readFile(join('lib/errors', file), 'utf8')));
    const codes = sources.flatMap((source) => [...source.matchAll(/code = '(QUIQUP_\w+)'/g)].map(([, code]) => code));
    expect(codes).toHaveLength(13);
    expect(codes.filter((code) => !errors.includes(`\`${code}\``))).toEqual([]);
  });

  it('the two commands word for word', () => {
    expect(readme).toContain('\nnpm ci && npm start\n');
    expect(readme).toContain('\nnpm ci && npm test\n');
  });
});
