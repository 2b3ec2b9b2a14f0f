/**
 * @import { Action } from '../../src/dashboard/action.ts'
 * @import { Controls } from '../../src/dashboard/frame.ts'
 */
import { byId, find, setText } from './dom.js';

const element = byId('controls');
const rate = /** @type {HTMLInputElement} */ (byId('rate'));

/** Keeps the user's choice until the application had time to confirm it. */
const SETTLING_MS = 500;
let settlesAt = -Infinity;

/** @param {Action} action */
export async function perform(action) {
  const refusal = byId('refusal');
  refusal.hidden = true;
  settlesAt = Infinity;
  try {
    const answer = await fetch('dashboard/actions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(action),
    });
    if (!answer.ok) {
      throw new Error(/** @type {{ message: string }} */ (await answer.json()).message);
    }
  } catch (error) {
    setText(refusal, error instanceof Error ? error.message : String(error));
    refusal.hidden = false;
  } finally {
    settlesAt = performance.now() + SETTLING_MS;
  }
}

export function listen() {
  element.addEventListener('click', ({ target }) => {
    const action = target instanceof HTMLButtonElement ? target.dataset['action'] : undefined;
    if (action !== undefined) {
      void perform(/** @type {Action} */ ({ action }));
    }
  });
  element.addEventListener('change', ({ target }) => {
    const { name, value } = /** @type {HTMLInputElement} */ (target);
    switch (name) {
      case 'endpoint':
        void perform(/** @type {Action} */ ({ action: 'endpoint', mode: value }));
        break;
      case 'policy':
        void perform(/** @type {Action} */ ({ action: 'policy', policy: value }));
        break;
      case 'lifetime':
        void perform(/** @type {Action} */ ({ action: 'lifetime', seconds: Number(value) }));
        break;
      default:
        void perform({ action: 'rate', perSecond: rate.valueAsNumber });
    }
  });
  rate.addEventListener('input', () => setText(byId('rate-output'), rate.value));
}

/** @param {Controls} controls */
export function update({ quiqup, redis, instances }) {
  element.hidden = quiqup === undefined && redis === undefined && instances === undefined;
  const present = { quiqup, redis, instances };
  for (const fieldset of element.querySelectorAll('fieldset')) {
    fieldset.hidden = present[/** @type {keyof typeof present} */ (fieldset.dataset['needs'])] === undefined;
  }
  if (performance.now() < settlesAt) {
    return;
  }
  if (quiqup !== undefined) {
    choose('endpoint', quiqup.endpoint);
    choose('policy', quiqup.policy);
    choose('lifetime', String(quiqup.lifetime));
    enable('hand-out-secret', !quiqup.isSecretKnown);
    rate.max = String(quiqup.highestRate);
    // Not under the hand that drags it.
    if (document.activeElement !== rate) {
      rate.value = String(quiqup.rate);
      setText(byId('rate-output'), rate.value);
    }
  }
  enable('stop-redis', redis?.isRunning === true);
  enable('start-redis', redis?.isRunning === false);
  enable('add-instance', instances?.canAdd === true);
}

/** @param {string} name @param {string} value */
function choose(name, value) {
  /** @type {HTMLInputElement | null} */
  const input = element.querySelector(`input[name="${name}"][value="${value}"]`);
  if (input !== null && !input.checked) {
    input.checked = true;
  }
}

/** @param {string} action @param {boolean} isPossible */
function enable(action, isPossible) {
  /** @type {HTMLButtonElement} */
  const button = find(element, `[data-action="${action}"]`);
  button.disabled = !isPossible;
}
