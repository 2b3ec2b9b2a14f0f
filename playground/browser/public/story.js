/** @import { Episode } from '../../src/dashboard/frame.ts' */
import { byId, clockTime, setText } from './dom.js';

const EARLIER = 8;

/**
 * Shows the last act, and the ones before.
 *
 * @param {Iterable<Episode>} episodes
 */
export function tell(episodes) {
  const [latest, ...earlier] = [...episodes].toSorted((a, b) => b.id - a.id);
  if (latest === undefined) {
    return;
  }
  setText(byId('sentence-label'), latest.label ?? 'since the start');
  setText(byId('sentence-time'), clockTime(latest.at));
  setText(byId('sentence'), latest.sentence);
  byId('sentence').dataset['tone'] = latest.tone;
  const list = byId('earlier');
  const key = earlier.map(({ id }) => id).join();
  if (list.dataset['shown'] !== key) {
    list.dataset['shown'] = key;
    list.replaceChildren(...earlier.slice(0, EARLIER).map(item));
  }
}

/** @param {Episode} episode */
function item({ at, sentence, tone }) {
  const element = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = clockTime(at);
  element.dataset['tone'] = tone;
  element.append(time, ` ${sentence}`);
  return element;
}
