import { parse, View } from 'vega';
import { compile } from 'vega-lite';

/** Readable on a light page and on a dark one. */
const CONFIG = {
  background: 'white',
  padding: 12,
  font: 'system-ui, sans-serif',
  axis: { labelFontSize: 11, titleFontSize: 11, labelLimit: 400, gridColor: '#e5e7eb' },
  legend: { labelFontSize: 11, titleFontSize: 11, labelLimit: 400 },
  header: { labelFontSize: 12, labelFontWeight: 'bold' },
  range: {
    category: [
      '#2563eb',
      '#0ea5e9',
      '#ea580c',
      '#16a34a',
      '#a16207',
      '#dc2626',
      '#7c3aed',
      '#db2777',
      '#475569',
      '#0d9488',
    ],
  },
};

/** @param {object} spec of vega-lite, with its data in it */
export function drawSvg(spec) {
  const view = new View(parse(compile(spec, { config: CONFIG }).spec), { renderer: 'none' });
  return view.toSVG();
}
