/**
 * @import { CallMark } from '../../src/instances/observation.ts'
 * @import { Model } from './model.js'
 */
import { byId, clockTime, find, setText } from './dom.js';

const ROWS = 8;
const APIS = { fulfilment: 'fulfilment', 'last-mile': 'last mile' };

/**
 * Lists the latest calls of all instances, the latest one first.
 *
 * @param {Model} model
 * @param {number} until later calls are left out, in epoch ms
 */
export function listCalls(model, until) {
  const calls = [...model.instances].flatMap(([id, history]) =>
    lastOf(history.calls, until).map((call) => ({ id, call })),
  );
  const latest = calls.toSorted((a, b) => b.call[0] - a.call[0]).slice(0, ROWS);
  const list = byId('calls');
  while (list.children.length > latest.length) {
    list.lastElementChild?.remove();
  }
  while (list.children.length < latest.length) {
    const template = /** @type {HTMLTemplateElement} */ (byId('call'));
    list.append(template.content.cloneNode(true));
  }
  latest.forEach(({ id, call }, index) => {
    fill(/** @type {HTMLElement} */ (list.children[index]), id, call);
  });
}

/**
 * @param {readonly CallMark[]} calls the earliest one first
 * @param {number} until
 */
function lastOf(calls, until) {
  const end = calls.findLastIndex(([at]) => at <= until) + 1;
  return calls.slice(Math.max(0, end - ROWS), end).toReversed();
}

/**
 * @param {HTMLElement} row
 * @param {number} id of the instance
 * @param {CallMark} call
 */
function fill(row, id, [at, durationMs, outcome, api, request, reason]) {
  row.dataset['outcome'] = outcome;
  for (const [name, text] of /** @type {const} */ ([
    ['time', clockTime(at)],
    ['instance', String(id)],
    ['api', APIS[api]],
    ['request', request],
    ['outcome', reason === undefined ? outcome : `${outcome}: ${reason}`],
    ['duration', `${durationMs.toLocaleString('en', { maximumFractionDigits: 1 })} ms`],
  ])) {
    setText(find(row, `[data-cell="${name}"]`), text);
  }
}
