/**
 * @import { Disturbance, Episode } from '../../src/dashboard/frame.ts'
 * @import { InstanceHistory, Token } from './instance-history.js'
 * @import { CallColumns } from './call-columns.js'
 *
 * @typedef {object} Scene the content and its position
 * @property {CanvasRenderingContext2D} ctx
 * @property {number} px device pixels to a CSS pixel
 * @property {number} left
 * @property {number} right
 * @property {number} from epoch ms
 * @property {number} to epoch ms
 * @property {number} now epoch ms
 * @property {(at: number) => number} x
 */
import { OUTCOMES } from './call-columns.js';
import { palette } from './palette.js';

/** In CSS pixels from the top. */
const LANES = {
  acts: { top: 0, height: 15 },
  token: { top: 17, height: 24 },
  requests: { top: 46, height: 14 },
  calls: { top: 70, height: 54 },
};
export const CHART_HEIGHT = 150;
const FONT = '"Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, system-ui, sans-serif';
const SHORTEST_MS = 1;
const LONGEST_MS = 10_000;
const SHORTEST_REFUSED_MS = 30;

/**
 * How tall a call is: the decades from 1 ms to 10 s, as part of the lane.
 *
 * @param {number} ms
 */
function heightOf(ms) {
  const decades = Math.log10(Math.max(ms, SHORTEST_MS)) / Math.log10(LONGEST_MS);
  return 0.2 + 0.8 * Math.min(1, decades);
}

/** @param {Scene} scene @param {string} [weight] */
function useFont({ ctx, px }, weight = '500') {
  ctx.font = `${weight} ${10.5 * px}px ${FONT}`;
  ctx.textBaseline = 'middle';
}

/** @param {Scene} scene */
export function paintGround(scene) {
  const { ctx, px, left, right } = scene;
  const colors = palette();
  useFont(scene);
  ctx.textAlign = 'right';
  ctx.fillStyle = colors.muted;
  for (const [name, lane] of /** @type {const} */ ([
    ['token', LANES.token],
    ['requests', LANES.requests],
  ])) {
    ctx.fillText(name, left - 8 * px, (lane.top + lane.height / 2) * px);
  }
  const { top, height } = LANES.calls;
  ctx.strokeStyle = colors.line;
  ctx.lineWidth = px;
  for (const [label, ms] of /** @type {const} */ ([
    ['1 ms', 1],
    ['100 ms', 100],
    ['10 s', 10_000],
  ])) {
    const y = Math.round((top + height * (1 - heightOf(ms))) * px) + 0.5;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
    ctx.fillText(label, left - 8 * px, y);
  }
}

/** @param {Scene} scene @param {readonly Disturbance[]} disturbances */
export function paintDisturbances(scene, disturbances) {
  const { ctx, px, x, now, from } = scene;
  const colors = palette();
  for (const { from: start, to = now } of disturbances) {
    if (to >= from) {
      ctx.fillStyle = colors.band;
      const left = x(Math.max(start, from));
      ctx.fillRect(left, 0, Math.max(px, x(to) - left), (LANES.calls.top + LANES.calls.height) * px);
    }
  }
}

/** @param {Scene} scene @param {Iterable<Episode>} episodes */
export function paintActs(scene, episodes) {
  const { ctx, px, x, from, right } = scene;
  const colors = palette();
  useFont(scene, '600');
  ctx.textAlign = 'left';
  ctx.lineWidth = px;
  const visible = [...episodes].filter(({ at, label }) => label !== undefined && at >= from - 60_000);
  let room = right;
  for (const { at, label = '' } of visible.toReversed()) {
    const left = Math.round(x(at));
    ctx.strokeStyle = colors.muted;
    ctx.setLineDash([2 * px, 2 * px]);
    ctx.beginPath();
    ctx.moveTo(left + 0.5, 2 * px);
    ctx.lineTo(left + 0.5, (LANES.calls.top + LANES.calls.height) * px);
    ctx.stroke();
    ctx.setLineDash([]);
    // The latest one has precedence.
    if (left + 8 * px + ctx.measureText(label).width <= room) {
      ctx.fillStyle = colors.ink;
      ctx.fillText(label, left + 5 * px, (LANES.acts.top + LANES.acts.height / 2) * px);
      room = left;
    }
  }
}

/** @param {Scene} scene @param {readonly Token[]} tokens */
export function paintTokens(scene, tokens) {
  const { ctx, px, x, from, to, now } = scene;
  const colors = palette();
  const top = LANES.token.top * px;
  const height = LANES.token.height * px;
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    const replacedAt = next?.at ?? Infinity;
    const end = Math.min(token.expiresAt, replacedAt);
    if ((next?.at ?? to) < from || token.at > to) {
      return;
    }
    /** @param {number} start @param {number} stop @param {string} color */
    const stretch = (start, stop, color) => {
      for (const [a, b, alpha] of /** @type {const} */ ([
        [start, Math.min(stop, now), 1],
        [Math.max(start, now), stop, 0.32],
      ])) {
        const [first, last] = [Math.max(a, from), Math.min(b, to)];
        if (first < last) {
          ctx.globalAlpha = alpha;
          ctx.fillStyle = color;
          ctx.fillRect(x(first), top, x(last) - x(first), height);
          ctx.globalAlpha = 1;
        }
      }
    };
    const goodUntil = Math.min(end, token.refusedAt ?? Infinity);
    stretch(token.at, Math.min(token.staleAt, goodUntil), colors.fresh);
    stretch(Math.max(token.at, token.staleAt), Math.min(token.expiringAt, goodUntil), colors.stale);
    stretch(Math.max(token.at, token.expiringAt), goodUntil, colors.expiring);
    // Refused, or ended, and the next is not there yet.
    const badUntil = Math.min(replacedAt, Math.max(now, goodUntil));
    if (goodUntil < badUntil && goodUntil <= now) {
      paintRefused(scene, Math.max(goodUntil, from), Math.min(badUntil, to));
    }
    paintRotation(scene, token, Math.min(end, to));
  });
}

/** @param {Scene} scene @param {number} from @param {number} to */
function paintRefused({ ctx, px, x }, from, to) {
  if (from >= to) {
    return;
  }
  const colors = palette();
  const top = LANES.token.top * px;
  const height = LANES.token.height * px;
  // A revocation is mended within milliseconds; it is to be seen all the same.
  const width = Math.max(3 * px, x(to) - x(from));
  const left = x(to) - width;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.fillStyle = colors.refused;
  ctx.globalAlpha = 0.25;
  ctx.fillRect(left, top, width, height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colors.refused;
  ctx.lineWidth = 2 * px;
  ctx.beginPath();
  for (let stripe = left - height; stripe < left + width; stripe += 7 * px) {
    ctx.moveTo(stripe, top + height);
    ctx.lineTo(stripe + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** @param {Scene} scene @param {Token} token @param {number} end */
function paintRotation(scene, token, end) {
  const { ctx, px, x, from, now } = scene;
  const colors = palette();
  const top = LANES.token.top * px;
  const height = LANES.token.height * px;
  const start = x(token.at);
  if (token.at >= from) {
    ctx.fillStyle = colors.surface;
    ctx.fillRect(start - px, top - px, 2 * px, height + 2 * px);
    ctx.fillStyle = colors.ink;
    ctx.beginPath();
    ctx.moveTo(start - 4 * px, top - 3 * px);
    ctx.lineTo(start + 4 * px, top - 3 * px);
    ctx.lineTo(start, top + 3 * px);
    ctx.fill();
  }
  const room = x(Math.min(end, now)) - Math.max(start, x(from));
  ctx.font = `600 ${11 * px}px ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace`;
  if (room > ctx.measureText(token.fingerprint).width + 16 * px) {
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = colors['on-bar'];
    ctx.fillText(token.fingerprint, Math.max(start, x(from)) + 9 * px, top + height / 2 + 0.5 * px);
  }
}

/** @param {Scene} scene @param {InstanceHistory} history */
export function paintRequests(scene, { requests, tokens, outages }) {
  const { ctx, px, x, from, to, now } = scene;
  const colors = palette();
  const middle = (LANES.requests.top + LANES.requests.height / 2) * px;
  for (const outage of outages) {
    const [start, end] = [Math.max(outage.from, from), Math.min(outage.to ?? now, to)];
    if (start < end) {
      ctx.fillStyle = colors.refused;
      ctx.globalAlpha = 0.22;
      ctx.fillRect(x(start), LANES.requests.top * px, Math.max(2 * px, x(end) - x(start)), LANES.requests.height * px);
      ctx.globalAlpha = 1;
      useFont(scene);
      ctx.textAlign = 'left';
      if (x(end) - x(start) > 70 * px) {
        ctx.fillStyle = colors.refused;
        ctx.fillText('without Redis', x(start) + 6 * px, middle);
      }
    }
  }
  ctx.lineWidth = 2 * px;
  for (const { at, durationMs, outcome } of requests) {
    if (at >= from) {
      const isGood = outcome === 'success';
      ctx.strokeStyle = isGood ? colors.accent : colors.failed;
      ctx.fillStyle = ctx.strokeStyle;
      ctx.beginPath();
      ctx.moveTo(x(Math.max(at - durationMs, from)), middle);
      ctx.lineTo(x(at), middle);
      ctx.stroke();
      ctx.beginPath();
      if (isGood) {
        ctx.arc(x(at), middle, 4 * px, 0, 2 * Math.PI);
        ctx.fill();
      } else {
        const arm = 3.5 * px;
        ctx.moveTo(x(at) - arm, middle - arm);
        ctx.lineTo(x(at) + arm, middle + arm);
        ctx.moveTo(x(at) + arm, middle - arm);
        ctx.lineTo(x(at) - arm, middle + arm);
        ctx.stroke();
      }
    }
  }
  ctx.strokeStyle = colors.accent;
  ctx.lineWidth = 1.5 * px;
  for (const { at, how } of tokens) {
    if (how === 'adopted' && at >= from) {
      const arm = 4 * px;
      ctx.beginPath();
      ctx.moveTo(x(at), middle - arm);
      ctx.lineTo(x(at) + arm, middle);
      ctx.lineTo(x(at), middle + arm);
      ctx.lineTo(x(at) - arm, middle);
      ctx.closePath();
      ctx.stroke();
    }
  }
}

/**
 * The position of a call's tip, in CSS pixels from the top. A refused call is always visible, even a short one.
 *
 * @param {(typeof OUTCOMES)[number]} outcome
 * @param {number} ms
 */
export function tipOf(outcome, ms) {
  const { top, height } = LANES.calls;
  return top + height * (1 - heightOf(outcome === 'ok' ? ms : Math.max(ms, SHORTEST_REFUSED_MS)));
}

/** @param {Scene} scene @param {CallColumns} columns */
export function paintCalls({ ctx, px, x, from, to }, columns) {
  const colors = palette();
  const { top, height } = LANES.calls;
  const bottom = (top + height) * px;
  for (const outcome of OUTCOMES) {
    ctx.fillStyle = colors[outcome];
    columns.forEach(outcome, from, to, (at, ms) => {
      // On whole pixels, or two columns would share one and none would have its colour.
      const left = Math.round(x(at));
      const width = Math.max(1, Math.round(x(at + columns.msPerColumn)) - left);
      const tip = Math.round(tipOf(outcome, ms) * px);
      ctx.fillRect(left, tip, width, bottom - tip);
      if (outcome !== 'ok') {
        const middle = left + Math.floor(width / 2);
        const [far, near] = [3 * px, (outcome === 'failed' ? 3 : 2) * px];
        ctx.fillRect(middle - far, tip - near, 2 * far, 2 * near);
        ctx.fillRect(middle - near, tip - far, 2 * near, 2 * far);
      }
    });
  }
}

/** @param {Scene} scene */
export function paintNow({ ctx, px, x, now }) {
  const colors = palette();
  ctx.fillStyle = colors.accent;
  ctx.fillRect(Math.round(x(now)), 0, px, (LANES.calls.top + LANES.calls.height) * px);
}
