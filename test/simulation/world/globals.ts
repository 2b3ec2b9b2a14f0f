import { clearVirtualTimer, EPOCH_MS, Machine } from './machine.js';
import type { SeededRandom } from './seeded-random.js';
import type { Timeline } from './timeline.js';

/**
 * Replaces what libraries take from the globals, where `lib` has its clock: keyv asks `Date.now` whether an entry has
 * ended, the registry of `@nestjs/schedule` clears timers, clients draw a jitter. Returns what puts them back.
 */
export function replaceGlobals(timeline: Timeline, random: SeededRandom): () => void {
  const { now } = Date;
  const { random: chance } = Math;
  const { clearTimeout: clear } = globalThis;
  Date.now = () => {
    const { running } = timeline;
    return running instanceof Machine ? running.wallNow : Math.floor(EPOCH_MS + timeline.now);
  };
  Math.random = () => random.next();
  globalThis.clearTimeout = (timer) => {
    if (!clearVirtualTimer(timer)) {
      clear(timer);
    }
  };
  return () => {
    Date.now = now;
    Math.random = chance;
    globalThis.clearTimeout = clear;
  };
}
