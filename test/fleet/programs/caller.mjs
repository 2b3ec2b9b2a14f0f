import { randomUUID } from 'node:crypto';

/** Sends calls and counts what becomes of them. */
export class Caller {
  #loads = [];

  /** @param axios an axios instance that the module authorizes */
  constructor(axios) {
    this.axios = axios;
  }

  /** So many at once. */
  async burst(count, url) {
    const outcomes = newOutcomes();
    await Promise.all(Array.from({ length: count }, () => this.#call(url, outcomes)));
    return outcomes;
  }

  /** So many a second until {@link stop}. Returns how the load is called. */
  start(ratePerSecond, url) {
    const outcomes = newOutcomes();
    const pending = new Set();
    const timer = setInterval(() => {
      const call = this.#call(url, outcomes).finally(() => pending.delete(call));
      pending.add(call);
    }, 1_000 / ratePerSecond);
    return this.#loads.push({ outcomes, pending, timer }) - 1;
  }

  /** Waits for the calls that are under way. */
  async stop(id) {
    const { outcomes, pending, timer } = this.#loads[id];
    clearInterval(timer);
    await Promise.all(pending);
    return outcomes;
  }

  /** Ends every load. */
  async stopAll() {
    await Promise.all(this.#loads.map((_, id) => this.stop(id)));
  }

  async #call(url, outcomes) {
    const startedAt = performance.now();
    try {
      await this.axios.get(url, { headers: { 'x-call-id': randomUUID() } });
    } catch (error) {
      const reason = String(error.response?.status ?? error.code ?? error.message);
      outcomes.failures[reason] = (outcomes.failures[reason] ?? 0) + 1;
    }
    outcomes.calls += 1;
    outcomes.slowestMs = Math.max(outcomes.slowestMs, Math.round(performance.now() - startedAt));
  }
}

function newOutcomes() {
  return { calls: 0, failures: {}, slowestMs: 0 };
}
