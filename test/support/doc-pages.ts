import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A fenced block of a page. */
interface Block {
  /** The page, and which of its blocks: `docs/recipes.md 3`. */
  readonly name: string;
  readonly language: string;
  readonly text: string;
}

/** The pages for users and contributors of the package. */
export async function docPages(): Promise<string[]> {
  const pages = await readdir('docs');
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'bench/README.md',
    ...pages.filter((page) => page.endsWith('.md')).map((page) => join('docs', page)),
  ];
}

export async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', block = ''], index) => ({
    name: `${page} ${index + 1}`,
    language,
    text: block,
  }));
}

/** The rows of all tables of a page, as their cells: without the backticks around a cell, and with bare pipes. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

export const withoutBackticks = (cell: string): string => /^`([^`]*)`$/.exec(cell)?.[1] ?? cell;

/** A folder of snippets within the project, so that its packages are found from there. */
export class SnippetFolder {
  private constructor(private readonly folder: string) {}

  static async open(): Promise<SnippetFolder> {
    return new SnippetFolder(await mkdtemp(join('test', 'snippets-')));
  }

  /** Writes the snippet; returns its file. */
  async write({ name, text }: Block): Promise<string> {
    const file = join(this.folder, `${name.replaceAll(/\W/g, '-')}.ts`);
    await writeFile(file, text);
    return file;
  }

  /** The exports of the page's snippet with this text. */
  async run<T>(page: string, text: string): Promise<T> {
    const snippets = (await blocksOf(page)).filter((block) => block.language === 'ts' && block.text.includes(text));
    const [snippet] = snippets;
    if (snippet === undefined || snippets.length > 1) {
      throw new Error(`${page} has ${snippets.length} snippets with '${text}', which must be one.`);
    }
    return (await import(resolve(await this.write(snippet)))) as T;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
