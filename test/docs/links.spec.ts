import { describe, expect, it } from '@jest/globals';
import { access, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { docPages } from '../support/doc-pages.js';

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

async function anchorsOf(page: string): Promise<string[]> {
  const text = (await readFile(page, 'utf8')).replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The problem of a link on the page, if there is one. */
async function problemOf(page: string, link: string): Promise<string | undefined> {
  const [path = '', anchor] = link.split('#', 2);
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!(await exists(target))) {
    return `${page}: there is no ${target}`;
  }
  if (anchor !== undefined && target.endsWith('.md') && !(await anchorsOf(target)).includes(anchor)) {
    return `${page}: ${target} has no heading #${anchor}`;
  }
  return undefined;
}

describe('The links of the documentation', () => {
  it('lead to files and headings that exist', async () => {
    const links = await Promise.all(
      (await docPages()).map(async (page) => {
        const text = (await readFile(page, 'utf8')).replaceAll(/^```.*?^```$/gms, '');
        return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
          .map(([, link = '']) => link)
          .filter((link) => !/^https?:/.test(link))
          .map((link) => ({ page, link }));
      }),
    );
    const problems = await Promise.all(links.flat().map(({ page, link }) => problemOf(page, link)));
    expect(problems.length).toBeGreaterThan(50);
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it('lead from the README and the index to every page', async () => {
    const readme = await readFile('README.md', 'utf8');
    const index = await readFile('docs/README.md', 'utf8');
    const pages = (await docPages()).filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(pages.filter((page) => !readme.includes(`](${page}`))).toEqual([]);
    expect(pages.filter((page) => !index.includes(`](${page.slice('docs/'.length)}`))).toEqual([]);
  });
});
