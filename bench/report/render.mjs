// Writes the results of the last runs into docs/benchmarks.md, between its markers, and draws the plots. A try-out
// (`--short`) is written into the results' own folder.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { isShort } from '../support/options.mjs';
import { PLOTS } from './plots.mjs';
import { barsTable, PARTS, SECTIONS } from './sections.mjs';
import { drawSvg } from './draw-svg.mjs';

const BENCH = join(import.meta.dirname, '..');
const DOCS = join(BENCH, '..', 'docs');
const results = join(BENCH, 'results', isShort ? 'short' : '');
const target = isShort ? results : DOCS;
const file = join(target, 'benchmarks.md');
const plots = join(target, 'benchmarks');
if (isShort) {
  copyFileSync(join(DOCS, 'benchmarks.md'), file);
}
mkdirSync(plots, { recursive: true });

/** The part's own words stay as they are when it has not been run here. */
function between(text, name, content) {
  const [start, end] = [`<!-- results: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`docs/benchmarks.md has no place for ${name}: ${start} … ${end}.`);
  }
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

let text = readFileSync(file, 'utf8');
const found = [];
for (const part of PARTS) {
  const source = join(results, `${part}.json`);
  if (!existsSync(source)) {
    continue;
  }
  const data = JSON.parse(readFileSync(source, 'utf8'));
  found.push([part, data]);
  text = between(text, part, SECTIONS[part](data));
  for (const [name, spec] of Object.entries(PLOTS[part]?.(data) ?? {})) {
    writeFileSync(join(plots, `${name}.svg`), await drawSvg(spec));
  }
}
if (found.length === PARTS.length) {
  text = between(text, 'bars', barsTable(found));
}
const style = await prettier.resolveConfig(join(DOCS, 'benchmarks.md'));
writeFileSync(file, await prettier.format(text, { ...style, parser: 'markdown' }));
process.stdout.write(`\nWritten: ${file}\n`);
