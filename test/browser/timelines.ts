import type { Page } from 'playwright-core';
import type { cards as Cards } from '../../playground/browser/public/main.js';
import type { palette as Palette } from '../../playground/browser/public/palette.js';

/** The page's own modules, under the addresses that they have there. */
const MODULES = { main: '/main.js', palette: '/palette.js' };

export type Color = keyof ReturnType<typeof Palette>;

/** How many pixels of the timelines have this colour, timeline by timeline. */
export function paintedPixels(page: Page, color: Color): Promise<number[]> {
  return page.evaluate(
    async ({ name, modules }) => {
      const { palette } = (await import(modules.palette)) as { palette: typeof Palette };
      const wanted = Number.parseInt(palette()[name].slice(1), 16);
      return [...document.querySelectorAll<HTMLCanvasElement>('.chart canvas')].map((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const pixels = new DataView(data.buffer);
        let found = 0;
        for (let at = 0; at < data.length; at += 4) {
          // Red, green, blue and, last, how opaque it is.
          found += pixels.getUint32(at) === ((wanted << 8) | 0xff) >>> 0 ? 1 : 0;
        }
        return found;
      });
    },
    { name: color, modules: MODULES },
  );
}

export interface PaintedCalls {
  /** Calls within the time that the timelines show. */
  readonly inSight: number;
  /** Those of them at whose tip there is no pixel of a call's colour. */
  readonly missing: readonly string[];
  /** The calls that the page received. */
  readonly received: number;
  /** Calls by the application's own count. */
  readonly counted: number;
}

/** The visible calls of a paused page. */
export function paintedCalls(page: Page): Promise<PaintedCalls> {
  return page.evaluate(async (modules) => {
    const LEAVING_MS = 500;
    const { cards } = (await import(modules.main)) as { cards: typeof Cards };
    const { palette } = (await import(modules.palette)) as { palette: typeof Palette };
    const colors = new Set(
      (['ok', 'recovered', 'failed'] as const).map(
        (name) => ((Number.parseInt(palette()[name].slice(1), 16) << 8) | 0xff) >>> 0,
      ),
    );
    const hasAllInSight = ({ chart, history }: { chart: CardOf['chart']; history: CardOf['history'] }): boolean =>
      (history.calls.at(-1)?.[0] ?? 0) > chart.shown().now;
    type CardOf = typeof Cards extends Map<number, infer Card> ? Card : never;
    while (![...cards.values()].every(hasAllInSight)) {
      await new Promise(requestAnimationFrame);
    }
    const missing: string[] = [];
    const result = { inSight: 0, missing, received: 0, counted: 0 };
    for (const { chart, history } of cards.values()) {
      const canvas = chart.holder.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const pixels = new DataView(data.buffer);
      const isCall = (x: number, y: number): boolean => colors.has(pixels.getUint32((y * canvas.width + x) * 4));
      const { from, now } = chart.shown();
      for (const call of history.calls) {
        // Those that are half out of sight may be wholly so.
        if (call[0] >= from + LEAVING_MS && call[0] <= now) {
          const { x, y } = chart.tip(call);
          const [column, row] = [Math.round(x), Math.round(y)];
          result.inSight += 1;
          if (![-2, -1, 0, 1, 2].some((near) => isCall(column + near, row))) {
            missing.push(`${call.join(' ')} at ${now - call[0]} ms before the end`);
          }
        }
      }
      result.received += history.calls.length;
      result.counted += history.latest.counters.calls;
    }
    return result;
  }, MODULES);
}
