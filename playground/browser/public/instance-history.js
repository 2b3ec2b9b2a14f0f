/**
 * @import { InstanceFrame } from '../../src/dashboard/frame.ts'
 * @import { CallMark, InstanceEvent, TokenHeld, TokenRequested } from '../../src/instances/observation.ts'
 *
 * @typedef {TokenHeld & { refusedAt?: number }} Token
 * @typedef {{ from: number, to?: number }} Outage
 */

/** The recent calls and events of one instance. */
export class InstanceHistory {
  /** @type {Token[]} */
  tokens = [];
  /** @type {TokenRequested[]} */
  requests = [];
  /** When Redis was lost. @type {Outage[]} */
  outages = [];
  /** @type {CallMark[]} */
  calls = [];
  /** Hears of calls as they come. @type {((calls: readonly CallMark[]) => void) | undefined} */
  onCalls;

  /** @param {InstanceFrame} frame */
  constructor(frame) {
    this.latest = frame;
    this.add(frame);
  }

  /** @param {InstanceFrame} frame */
  add(frame) {
    this.latest = frame;
    frame.events.forEach((event) => this.#addEvent(event));
    for (const call of frame.calls) {
      this.calls.push(call);
    }
    this.onCalls?.(frame.calls);
  }

  /** @param {number} at */
  tokenAt(at) {
    return this.tokens.findLast((token) => token.at <= at);
  }

  /** @param {number} before epoch ms */
  forget(before) {
    const kept = this.calls.findIndex(([at]) => at >= before);
    this.calls.splice(0, kept < 0 ? this.calls.length : kept);
    this.requests = this.requests.filter(({ at }) => at >= before);
    this.outages = this.outages.filter(({ to }) => to === undefined || to >= before);
    const held = this.tokenAt(before);
    this.tokens = this.tokens.filter((token) => token.at >= before || token === held);
  }

  /** @param {InstanceEvent} event */
  #addEvent(event) {
    switch (event.type) {
      case 'token':
        this.tokens.push({ ...event });
        break;
      case 'token-request':
        this.requests.push(event);
        break;
      case 'rejected': {
        const token = this.tokens.at(-1);
        // Late answers to calls with an older token say nothing of this one.
        if (token?.fingerprint === event.fingerprint) {
          token.refusedAt ??= event.at;
        }
        break;
      }
      case 'store': {
        const outage = this.outages.at(-1);
        if (event.isLost) {
          this.outages.push({ from: event.at });
        } else if (outage !== undefined) {
          outage.to ??= event.at;
        }
      }
    }
  }
}
