import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { blocksOf, docPages, SnippetFolder } from '../support/doc-pages.js';

describe('The snippets of the documentation', () => {
  let folder: SnippetFolder;
  beforeAll(async () => {
    folder = await SnippetFolder.open();
  });
  afterAll(() => folder.remove());

  it('compile', async () => {
    const blocks = (await Promise.all((await docPages()).map(blocksOf))).flat();
    const snippets = blocks.filter(({ language }) => language === 'ts');
    const files = await Promise.all(snippets.map((snippet) => folder.write(snippet)));
    const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path));
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
    // One program for all, which loads the packages once; the sources under them are checked elsewhere.
    const program = ts.createProgram(files, options);
    const problems = files
      .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
    expect(snippets.length).toBeGreaterThan(20);
    expect(problems).toEqual([]);
  });

  it('are all of a language that is dealt with', async () => {
    const blocks = (await Promise.all((await docPages()).map(blocksOf))).flat();
    const known = new Set(['', 'ts', 'sh', 'text', 'json', 'yaml', 'console', 'mermaid']);
    expect(blocks.filter(({ language }) => !known.has(language))).toEqual([]);
  });
});
