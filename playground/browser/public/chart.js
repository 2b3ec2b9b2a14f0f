/**
 * @import { CallMark } from '../../src/instances/observation.ts'
 * @import { InstanceHistory } from './instance-history.js'
 * @import { Model } from './model.js'
 */
import { CallColumns } from './call-columns.js';
import {
  CHART_HEIGHT,
  paintActs,
  paintCalls,
  paintDisturbances,
  paintGround,
  paintNow,
  paintRequests,
  paintTokens,
  tipOf,
} from './paint.js';
import { palette } from './palette.js';

/** The part of the chart for the future, as a fraction of the past. */
const AHEAD = 0.1;
/** In CSS pixels. */
const COLUMN_WIDTH = 2;
const GUTTER = 56;

/** One instance's timeline. */
export class Chart {
  #windowMs = 60_000;
  #now = 0;
  #columns = new CallColumns(1_000, 1);
  /** @type {number | undefined} */
  #frozenAt;
  #plot;
  #observer = new ResizeObserver(() => this.#resize());

  /**
   * @param {HTMLElement} holder
   * @param {Model} model
   * @param {InstanceHistory} history
   * @param {(at: number | undefined) => void} onCursor
   */
  constructor(holder, model, history, onCursor) {
    this.holder = holder;
    this.model = model;
    this.history = history;
    history.onCalls = (calls) => {
      this.#put(calls);
    };
    this.#plot = new uPlot(
      {
        width: Math.max(1, holder.clientWidth),
        height: CHART_HEIGHT,
        ms: 1,
        padding: [0, 0, 0, GUTTER],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: 'instances' } },
        scales: { x: { auto: false }, y: { auto: false, range: [0, 1] } },
        series: [{}, { paths: () => null, points: { show: false } }],
        axes: [
          {
            size: 24,
            font: '11px "Segoe UI", Roboto, "Helvetica Neue", Arial, system-ui, sans-serif',
            stroke: () => palette().muted,
            grid: { stroke: () => palette().line, width: 1 },
            ticks: { show: false },
            space: 90,
            values: (_, times) => times.map((at) => new Date(at).toLocaleTimeString('en-GB')),
          },
          { show: false },
        ],
        hooks: {
          draw: [() => this.#paint()],
          setCursor: [
            (plot) => {
              const { left = -1 } = plot.cursor;
              onCursor(left < 0 ? undefined : plot.posToVal(left, 'x'));
            },
          ],
        },
      },
      [
        [0, 1],
        [null, null],
      ],
      holder,
    );
    this.#observer.observe(holder);
    this.#sort();
  }

  /** @param {number} windowMs */
  show(windowMs) {
    this.#windowMs = windowMs;
    this.#sort();
  }

  /** @param {number} now epoch ms */
  draw(now) {
    this.#now = now;
    this.#plot.setScale('x', { min: now - this.#windowMs, max: now + this.#windowMs * AHEAD });
  }

  /** The last painted time, in epoch ms. */
  shown() {
    return { from: this.#now - this.#windowMs, now: this.#now };
  }

  /**
   * The position of a call's tip, in pixels of the canvas.
   *
   * @param {CallMark} call
   */
  tip([at, durationMs, outcome]) {
    return { x: this.#x(at), y: tipOf(outcome, durationMs) * uPlot.pxRatio };
  }

  /**
   * Later calls are not painted until it continues.
   *
   * @param {number | undefined} at epoch ms
   */
  freeze(at) {
    this.#frozenAt = at;
    this.#sort();
  }

  /** @param {number} at epoch ms */
  #x(at) {
    return this.#plot.valToPos(at, 'x', true);
  }

  remove() {
    this.history.onCalls = undefined;
    this.#observer.disconnect();
    this.#plot.destroy();
  }

  #resize() {
    const width = this.holder.clientWidth;
    if (width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({ width, height: CHART_HEIGHT });
      this.#sort();
    }
  }

  /** Puts all calls into the columns of this width. */
  #sort() {
    const wide = Math.max(1, (this.holder.clientWidth - GUTTER) / COLUMN_WIDTH);
    const msPerColumn = (this.#windowMs * (1 + AHEAD)) / wide;
    this.#columns = new CallColumns(msPerColumn, Math.ceil(wide) + 2);
    this.#put(this.history.calls);
  }

  /** @param {readonly CallMark[]} calls */
  #put(calls) {
    const until = this.#frozenAt ?? Infinity;
    for (const call of calls) {
      if (call[0] <= until) {
        this.#columns.add(call);
      }
    }
  }

  #paint() {
    const { ctx, bbox } = this.#plot;
    const { from } = this.shown();
    const to = this.#now + this.#windowMs * AHEAD;
    const right = bbox.left + bbox.width;
    const scene = {
      ctx,
      px: uPlot.pxRatio,
      left: bbox.left,
      right,
      from,
      to,
      now: this.#now,
      /** @param {number} at */
      x: (at) => this.#x(at),
    };
    ctx.save();
    paintGround(scene);
    ctx.beginPath();
    ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
    ctx.clip();
    paintDisturbances(scene, this.model.disturbances);
    paintCalls(scene, this.#columns);
    paintTokens(scene, this.history.tokens);
    paintRequests(scene, this.history);
    paintActs(scene, this.model.episodes.values());
    paintNow(scene);
    ctx.restore();
  }
}
