import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { optionsSchema } from '../lib/config/quiqup-auth-options.schema.js';

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

  it('that tests does what it says', async () => {
    const code = snippets.find((snippet) => snippet.includes('survivesARevokedToken')) ?? '';
    const file = join(folder, 'recipe.ts');
    await writeFile(file, code);
    const { survivesARevokedToken } = (await import(`../${file}`)) as { survivesARevokedToken: () => Promise<number> };
    expect(await survivesARevokedToken()).toBe(200);
  });
});

describe('The README names', () => {
  it('every option', () => {
    const paths = pathsOf(optionsSchema).filter((path) => !path.startsWith('cache.'));
    expect(paths).toContain('refresh.ahead');
    expect(paths.filter((path) => !readme.includes(`\`${path}\``))).toEqual([]);
  });

  it('every error code', async () => {
    const files = await readdir('lib/errors');
    const sources = await Promise.all(files.map((file) => readFile(join('lib/errors', file), 'utf8')));
    const codes = sources.flatMap((source) => [...source.matchAll(/code = '(QUIQUP_\w+)'/g)].map(([, code]) => code));
    expect(codes).toHaveLength(12);
    expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });

  it('the two commands word for word', () => {
    expect(readme).toContain('\nnpm ci && npm start\n');
    expect(readme).toContain('\nnpm ci && npm test\n');
  });
});
