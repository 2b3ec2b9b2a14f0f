/** @import { CallMark } from '../../src/instances/observation.ts' */

/** In paint order: the most important outcome comes last, on top of the others. */
export const OUTCOMES = /** @type {const} */ (['ok', 'recovered', 'failed']);

/**
 * Calls by columns of the chart, so that painting costs what the chart is wide, however many calls there are. Of each
 * column and outcome the longest duration is kept: whatever a call adds is seen.
 */
export class CallColumns {
  /**
   * @param {number} msPerColumn
   * @param {number} size how many columns the chart shows at most
   */
  constructor(msPerColumn, size) {
    this.msPerColumn = msPerColumn;
    this.size = size;
    /** Which column stands at each place of the ring. */
    this.columns = new Float64Array(size).fill(-1);
    this.longest = OUTCOMES.map(() => new Float32Array(size));
  }

  /** @param {CallMark} call */
  add([at, durationMs, outcome]) {
    const column = Math.floor(at / this.msPerColumn);
    const place = column % this.size;
    const there = this.columns[place] ?? -1;
    if (there > column) {
      return;
    }
    if (there < column) {
      this.columns[place] = column;
      this.longest.forEach((of) => (of[place] = 0));
    }
    const longest = /** @type {Float32Array} */ (this.longest[OUTCOMES.indexOf(outcome)]);
    longest[place] = Math.max(longest[place] ?? 0, durationMs, 0.1);
  }

  /**
   * @param {(typeof OUTCOMES)[number]} outcome
   * @param {number} from epoch ms
   * @param {number} to epoch ms
   * @param {(at: number, longestMs: number) => void} visit
   */
  forEach(outcome, from, to, visit) {
    const longest = /** @type {Float32Array} */ (this.longest[OUTCOMES.indexOf(outcome)]);
    const last = Math.floor(to / this.msPerColumn);
    for (let column = Math.floor(from / this.msPerColumn); column <= last; column += 1) {
      const place = column % this.size;
      const ms = longest[place] ?? 0;
      if (ms > 0 && this.columns[place] === column) {
        visit(column * this.msPerColumn, ms);
      }
    }
  }
}
