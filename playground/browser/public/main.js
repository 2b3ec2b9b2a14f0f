/** @import { Frame } from '../../src/dashboard/frame.ts' */
import { listCalls } from './call-list.js';
import * as controls from './controls.js';
import { byId, setText } from './dom.js';
import { InstanceCard } from './instance-card.js';
import { Model } from './model.js';
import { repaint } from './palette.js';
import { tell } from './story.js';

/** Paint intervals. Text changes less often. */
const PAINT_EVERY_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1_000 : 33;
const WRITE_EVERY_MS = 250;

export const model = new Model();
/** @type {Map<number, InstanceCard>} */
export const cards = new Map();

let windowMs = 60_000;
/** @type {number | undefined} */
let pausedAt;

function connect() {
  const source = new EventSource('dashboard/frames');
  const connection = byId('connection');
  source.addEventListener('open', () => {
    setText(connection, 'live');
    connection.dataset['state'] = 'live';
  });
  source.addEventListener('error', () => {
    setText(connection, 'not connected: is the sample app running?');
    connection.dataset['state'] = 'lost';
  });
  source.addEventListener('message', ({ data }) => {
    const frame = /** @type {Frame} */ (JSON.parse(data));
    model.take(frame);
    if (frame.isFirst) {
      cards.forEach((_, id) => removeCard(id));
    }
    arrangeCards();
  });
}

function arrangeCards() {
  cards.forEach((_, id) => model.instances.has(id) || removeCard(id));
  model.instances.forEach((history, id) => {
    if (!cards.has(id)) {
      const card = new InstanceCard(model, history, (stopped) => {
        void controls.perform({ action: 'remove-instance', id: stopped });
      });
      card.chart.show(windowMs);
      card.chart.freeze(pausedAt);
      cards.set(id, card);
    }
  });
}

/** @param {number} id */
function removeCard(id) {
  cards.get(id)?.remove();
  cards.delete(id);
}

function write() {
  const counters = [...model.instances.values()].map(({ latest }) => latest.counters);
  /** @param {keyof (typeof counters)[number]} name */
  const total = (name) => counters.reduce((sum, each) => sum + each[name], 0);
  for (const [id, number] of /** @type {const} */ ([
    ['total-calls', total('calls')],
    ['total-fulfilment', total('calls') - total('lastMile')],
    ['total-last-mile', total('lastMile')],
    ['total-recovered', total('recovered')],
    ['total-failed', total('failed')],
    ['total-token-requests', total('tokenRequests')],
  ])) {
    setText(byId(id), number.toLocaleString('en'));
    byId(id).toggleAttribute('data-some', number > 0);
  }
  const lost = [...model.instances.values()].filter(({ latest }) => latest.status.isStoreLost).length;
  setText(byId('total-store'), model.store === 'memory' ? 'memory' : lost === 0 ? 'Redis' : `Redis, lost by ${lost}`);
  byId('total-store').toggleAttribute('data-lost', lost > 0);
  tell(model.episodes.values());
  controls.update(model.controls);
  cards.forEach((card) => card.update());
  listCalls(model, pausedAt ?? Infinity);
}

let paintedAt = -Infinity;
let wroteAt = -Infinity;

/** @param {number} time */
function turn(time) {
  requestAnimationFrame(turn);
  if (time - wroteAt >= WRITE_EVERY_MS) {
    wroteAt = time;
    write();
  }
  if (time - paintedAt >= PAINT_EVERY_MS - 4) {
    paintedAt = time;
    const now = pausedAt ?? model.now();
    cards.forEach((card) => card.chart.draw(now));
  }
}

for (const input of document.querySelectorAll('input[name="window"]')) {
  input.addEventListener('change', () => {
    windowMs = Number(/** @type {HTMLInputElement} */ (input).value);
    cards.forEach((card) => card.chart.show(windowMs));
  });
}

byId('pause').addEventListener('click', () => {
  pausedAt = pausedAt === undefined ? model.now() : undefined;
  cards.forEach((card) => card.chart.freeze(pausedAt));
  byId('pause').setAttribute('aria-pressed', String(pausedAt !== undefined));
  setText(byId('pause'), pausedAt === undefined ? 'Pause' : 'Go on');
});

const root = document.documentElement;
function nameTheme() {
  setText(byId('theme'), root.dataset['theme'] === 'dark' ? 'Light' : 'Dark');
}
byId('theme').addEventListener('click', () => {
  const theme = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
  root.dataset['theme'] = theme;
  localStorage.setItem('theme', theme);
  nameTheme();
  repaint();
});

nameTheme();
controls.listen();
connect();
requestAnimationFrame(turn);
