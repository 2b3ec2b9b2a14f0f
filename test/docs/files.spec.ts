import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { docPages } from '../support/doc-pages.js';

const FOLDERS = ['lib', 'test', 'scripts', 'playground/src', 'sample-app/src'];
/** Of others: files of simple-oauth2. */
const OF_OTHERS = new Set(['lib/client-credentials-grant-type.js', 'lib/access-token.js']);

const NAMED = /`((?:lib|test|scripts|bench|playground|sample-app)\/[\w./-]+|[\w.-]+\.(?:ts|mjs))`/g;

describe('The files that the documentation names', () => {
  it('exist', async () => {
    const contents = await Promise.all(FOLDERS.map((folder) => readdir(folder, { recursive: true })));
    const names = new Set(contents.flat().map((path) => basename(path)));
    const isThere = (path: string): boolean =>
      OF_OTHERS.has(path) || names.has(path) || existsSync(path) || existsSync(`${path}.spec.ts`);
    const missing: string[] = [];
    for (const page of await docPages()) {
      const prose = (await readFile(page, 'utf8')).replaceAll(/^```.*?^```$/gms, '');
      const named = [...prose.matchAll(NAMED)].map(([, path = '']) => path);
      missing.push(...named.filter((path) => !isThere(path)).map((path) => `${page}: ${path}`));
    }
    expect(missing).toEqual([]);
  });
});
