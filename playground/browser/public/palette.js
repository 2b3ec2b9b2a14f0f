const NAMES = /** @type {const} */ ([
  'ink',
  'muted',
  'line',
  'surface',
  'fresh',
  'stale',
  'expiring',
  'refused',
  'on-bar',
  'accent',
  'ok',
  'recovered',
  'failed',
  'band',
]);

/** @typedef {Record<(typeof NAMES)[number], string>} Palette */

/** @type {Palette} */
let current = read();

function read() {
  const style = getComputedStyle(document.documentElement);
  return /** @type {Palette} */ (
    Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  );
}

/** The theme's colours for the canvas. */
export function palette() {
  return current;
}

/** After the theme has changed. */
export function repaint() {
  current = read();
}
