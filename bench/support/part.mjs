import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { load, machine } from './machine.mjs';
import { isShort } from './options.mjs';

const RESULTS = join(import.meta.dirname, '..', 'results', isShort ? 'short' : '');

export const say = (line = '') => process.stdout.write(`${line.trimEnd()}\n`);

const startedAt = new Date();
const loadBefore = load();

/** One part of the bench: its bars, and where its raw data goes. */
export class Part {
  #bars = [];
  #name = basename(process.argv[1], '.mjs');

  /** @param {string} what is limited @param {string} found the figure @param {boolean} isMet */
  bar(what, found, isMet) {
    this.#bars.push({ what, found, isMet });
    say(`${isMet ? 'met   ' : 'MISSED'} ${what}: ${found}`);
    if (!isMet) {
      process.exitCode = 1;
    }
  }

  /**
   * A ratio with its 95 % interval: missed when all of that lies above the limit.
   * @param {{ value: number, low: number, high: number }} ratio
   */
  ratioBar(what, { value, low, high }, limit, digits = 3) {
    const figures = `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
    this.bar(what, value > limit && low <= limit ? `${figures}, within noise` : figures, low <= limit);
  }

  /** Raw data, from which the report is drawn. */
  save(data) {
    const about = {
      command: `npm run bench -- ${this.#name}`,
      date: startedAt.toISOString().slice(0, 10),
      minutes: Number(((Date.now() - startedAt.getTime()) / 60_000).toFixed(1)),
      machine: machine(),
      load: [loadBefore, load()],
    };
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(join(RESULTS, `${this.#name}.json`), JSON.stringify({ about, bars: this.#bars, ...data }));
  }
}
