/**
 * @import { InstanceHistory } from './instance-history.js'
 * @import { Model } from './model.js'
 * @import { InstanceStatus } from '../../src/instances/observation.ts'
 */
import { Chart } from './chart.js';
import { byId, clockTime, find, setText } from './dom.js';

const COUNTERS = /** @type {const} */ (['calls', 'recovered', 'failed', 'tokenRequests']);

/** One instance: its name, counters and timeline. */
export class InstanceCard {
  /** The pointer's position, in epoch ms. @type {number | undefined} */
  #cursorAt;

  /**
   * @param {Model} model
   * @param {InstanceHistory} history
   * @param {(id: number) => void} onStop
   */
  constructor(model, history, onStop) {
    this.model = model;
    this.history = history;
    const { id, pid, isRemovable } = history.latest;
    const template = /** @type {HTMLTemplateElement} */ (byId('instance'));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.element = find(copy, 'article');
    setText(find(this.element, 'h2'), `Instance ${id}`);
    find(this.element, 'h2').title = `process ${pid}`;
    this.health = find(this.element, '.health');
    this.fingerprint = find(this.element, '.token code');
    this.age = find(this.element, '.token span');
    this.chartHolder = find(this.element, '.chart');
    const stop = find(this.element, '.stop');
    stop.hidden = !isRemovable;
    stop.setAttribute('aria-label', `Stop instance ${id}`);
    stop.addEventListener('click', () => onStop(id));
    byId('instances').append(this.element);
    this.chart = new Chart(this.chartHolder, model, history, (at) => (this.#cursorAt = at));
  }

  /** The part that is not painted. */
  update() {
    const { counters, status } = this.history.latest;
    for (const name of COUNTERS) {
      const cell = find(this.element, `[data-counter="${name}"]`);
      setText(cell, counters[name].toLocaleString('en'));
      cell.toggleAttribute('data-some', counters[name] > 0);
    }
    this.#updateHealth(status);
    this.#updateToken();
  }

  remove() {
    this.chart.remove();
    this.element.remove();
  }

  /** @param {InstanceStatus} status */
  #updateHealth({ health, message = '', isStoreLost }) {
    setText(this.health, health);
    this.health.dataset['health'] = health;
    this.health.title = message;
    const redis = find(this.element, '[data-counter="redis"]');
    setText(redis, isStoreLost ? 'lost' : 'up');
    redis.dataset['state'] = isStoreLost ? 'lost' : 'up';
    find(this.element, '.redis').hidden = this.model.store === 'memory';
  }

  #updateToken() {
    const now = this.model.now();
    const at = this.#cursorAt === undefined ? now : Math.min(this.#cursorAt, now);
    const token = this.history.tokenAt(at);
    const age = token === undefined ? 'no token yet' : ageOf(token, at);
    setText(this.fingerprint, token?.fingerprint ?? '');
    setText(this.age, at === now ? age : `${age}, at ${clockTime(at)}`);
    this.chartHolder.setAttribute(
      'aria-label',
      `Timeline of instance ${this.history.latest.id}: token ${token?.fingerprint ?? 'none'}, ${age.replace(/,.*/, '')}`,
    );
  }
}

/**
 * @param {import('./instance-history.js').Token} token
 * @param {number} at
 */
function ageOf({ staleAt, expiringAt, expiresAt, refusedAt }, at) {
  if (refusedAt !== undefined && at >= refusedAt) {
    return 'refused';
  }
  if (at >= expiresAt) {
    return 'expired';
  }
  const age = at < staleAt ? 'fresh' : at < expiringAt ? 'stale' : 'expiring';
  return `${age}, ${Math.ceil((expiresAt - at) / 1_000).toLocaleString('en')} s left`;
}
