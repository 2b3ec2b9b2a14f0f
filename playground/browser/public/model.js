/** @import { Controls, Disturbance, Episode, Frame } from '../../src/dashboard/frame.ts' */
import { InstanceHistory } from './instance-history.js';

const FORGET_EVERY_MS = 5_000;

/** All that the page knows. */
export class Model {
  /** @type {Map<number, InstanceHistory>} */
  instances = new Map();
  /** @type {Map<number, Episode>} */
  episodes = new Map();
  /** @type {readonly Disturbance[]} */
  disturbances = [];
  /** @type {Controls} */
  controls = {};
  /** @type {Frame['store']} */
  store = 'memory';
  #forgotAt = 0;
  /** How far the application's clock is ahead of the browser's, in ms. */
  #offset = 0;

  /** @param {Frame} frame */
  take(frame) {
    const offset = frame.now - Date.now();
    if (frame.isFirst) {
      this.instances.clear();
      this.episodes.clear();
      this.#offset = offset;
    }
    // The frame that was the fastest is the closest to the truth.
    this.#offset = Math.max(this.#offset, offset);
    const present = new Set(frame.instances.map(({ id }) => id));
    this.instances.forEach((_, id) => present.has(id) || this.instances.delete(id));
    for (const instance of frame.instances) {
      const known = this.instances.get(instance.id);
      if (known === undefined) {
        this.instances.set(instance.id, new InstanceHistory(instance));
      } else {
        known.add(instance);
      }
    }
    frame.episodes.forEach((episode) => this.episodes.set(episode.id, episode));
    this.disturbances = frame.disturbances;
    this.controls = frame.controls;
    this.store = frame.store;
    if (frame.now > this.#forgotAt + FORGET_EVERY_MS) {
      this.#forgotAt = frame.now;
      this.#forget(frame.now - frame.historyMs);
    }
  }

  /** By the application's clock, in epoch ms. */
  now() {
    return Date.now() + this.#offset;
  }

  /** @param {number} before */
  #forget(before) {
    this.instances.forEach((instance) => instance.forget(before));
    this.episodes.forEach(({ at }, id) => at < before && id < this.episodes.size && this.episodes.delete(id));
  }
}
