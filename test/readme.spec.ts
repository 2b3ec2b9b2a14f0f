import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { QuiqupAuthModule, QuiqupTokenService } from 'nestjs-quiqup-auth';
import { QuiqupAuthTestingModule, QuiqupSimulator } from 'nestjs-quiqup-auth/testing';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ts from 'typescript';
import { accountsOptionsSchema, optionsSchema } from '../lib/config/quiqup-auth-options.schema.js';
import { RecordedLog } from './support/recorded-log.js';

const readme = await readFile('README.md', 'utf8');
const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** Every option by its path, as the schema knows them. */
function pathsOf(schema: unknown, path: string[] = []): string[] {
  const { entries, pipe, wrapped } = schema as {
    entries?: Record<string, unknown>;
    pipe?: unknown[];
    wrapped?: unknown;
  };
  const inner = wrapped ?? pipe?.[0];
  if (inner !== undefined) {
    return pathsOf(inner, path);
  }
  return entries === undefined
    ? [path.join('.')]
    : Object.entries(entries).flatMap(([key, entry]) => pathsOf(entry, [...path, key]));
}

describe('Every snippet of the README', () => {
  let folder: string;
  beforeAll(async () => {
    // Within the project, so that its packages are found from there.
    folder = await mkdtemp(join('test', 'readme-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('compiles', async () => {
    const files = await Promise.all(
      snippets.map(async (code, index) => {
        const file = join(folder, `snippet-${index + 1}.ts`);
        await writeFile(file, code);
        return file;
      }),
    );
    const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path));
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
    const program = ts.createProgram(files, options);
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
    expect(snippets.length).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  /** What the snippet that has this text exports. */
  const run = async (text: string): Promise<unknown> => {
    const file = join(folder, `recipe-${text}.ts`);
    await writeFile(file, snippets.find((snippet) => snippet.includes(text)) ?? '');
    return import(`../${file}`);
  };

  it.each([
    ['survivesARevokedToken', 200],
    ['createsAnOrderOffline', 42],
  ])('that tests does what it says: %s', async (recipe, result) => {
    const recipes = (await run(recipe)) as Record<string, () => Promise<number>>;
    expect(await recipes[recipe]?.()).toBe(result);
  });

  it('that checks health answers 200 with a token and 503 without', async () => {
    const { HealthModule } = (await run('HealthModule')) as { HealthModule: Type };
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
    const { MerchantOrders, MerchantOrdersModule } = (await run('MerchantOrdersModule')) as {
      MerchantOrders: Type<{ create: (merchantId: string, order: object) => Promise<{ status: number }> }>;
      MerchantOrdersModule: Type;
    };
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
      const { ObservedModule } = (await run('ObservedModule')) as { ObservedModule: Type };
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

describe('The README names', () => {
  it('every option', () => {
    const paths = pathsOf(optionsSchema).filter((path) => !path.startsWith('cache.'));
    expect(paths).toContain('refresh.ahead');
    expect(paths.filter((path) => !readme.includes(`\`${path}\``))).toEqual([]);
  });

  it('every option of forAccounts', () => {
    const own = ['resolveCredentials', 'maxAccounts', 'idleTimeout'];
    expect(pathsOf(accountsOptionsSchema)).toEqual(expect.arrayContaining(own));
    expect(own.filter((path) => !readme.includes(`| \`${path}\` `))).toEqual([]);
  });

  it('every error code', async () => {
    const files = await readdir('lib/errors');
    const sources = await Promise.all(files.map((file) => readFile(join('lib/errors', file), 'utf8')));
    const codes = sources.flatMap((source) => [...source.matchAll(/code = '(QUIQUP_\w+)'/g)].map(([, code]) => code));
    expect(codes).toHaveLength(13);
    expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('the two commands word for word', () => {
    expect(readme).toContain('\nnpm ci && npm start\n');
    expect(readme).toContain('\nnpm ci && npm test\n');
  });
});
