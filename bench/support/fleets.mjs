import { setTimeout as pause } from 'node:timers/promises';
import { Program } from './program.mjs';
import { Redis } from './redis.mjs';

/** How many processes start at once; more would only wait for a core. */
const STARTING = 4;
/** Below any life of a token here, so that a moment when all have the same one is not missed. */
const pollMs = (size) => 50 + 4 * size;
const LIMIT_MS = 120_000;

const add = (one, other) => Math.round((one + other) * 100) / 100;

/**
 * Fleets of the same size that live side by side, each on a simulator and a Redis of its own: an instance of each in
 * every process.
 */
export class Fleets {
  /**
   * @param {number} size
   * @param {readonly object[]} simulators options, one for each fleet
   * @param {readonly string[]} execArgv
   */
  static async start(size, simulators, execArgv = []) {
    const fleets = new Fleets();
    fleets.redis = await Promise.all(simulators.map(() => Redis.start()));
    fleets.simulators = await Promise.all(
      simulators.map((simulator) => Program.start('support/programs/simulator.mjs', { simulator })),
    );
    const options = fleets.simulators.map(({ details }, fleet) => ({
      baseUrl: details.url,
      clientId: 'simulated-client',
      clientSecret: 'simulated-secret',
      cache: { redis: fleets.redis[fleet].url },
    }));
    fleets.instances = [];
    while (fleets.instances.length < size) {
      const count = Math.min(STARTING, size - fleets.instances.length);
      const starting = Array.from({ length: count }, () =>
        Program.start('support/programs/instance.mjs', options, execArgv),
      );
      fleets.instances.push(...(await Promise.all(starting)));
    }
    return fleets;
  }

  askAll(command, ...args) {
    return Promise.all(this.instances.map((instance) => instance.ask(command, ...args)));
  }

  states(fleet) {
    return this.askAll('state', fleet);
  }

  /** All ask for their first token at once; returns how many token requests that took. */
  async coldStart(fleet) {
    await this.askAll('fetchToken', fleet);
    return (await this.counters(fleet)).tokenRequests;
  }

  counters(fleet) {
    return this.simulators[fleet].ask('counters');
  }

  /** Waits until every instance has had so many new tokens and all have the same one. */
  async agree(fleet, changes) {
    let states = [];
    await this.#until(async () => {
      states = await this.states(fleet);
      return states.every((state) => state.changes >= changes && state.token === states[0].token);
    });
    return states;
  }

  async #until(condition) {
    const giveUpAt = performance.now() + LIMIT_MS;
    while (!(await condition())) {
      if (performance.now() > giveUpAt) {
        throw new Error('The instances never had the same token.');
      }
      await pause(pollMs(this.instances.length));
    }
  }

  /** Everything that is counted, at a moment when all have the same token. */
  async snapshot(fleet, changes) {
    const states = await this.agree(fleet, changes);
    const [{ tokenRequests }, commands] = await Promise.all([this.counters(fleet), this.redis[fleet].commands()]);
    return { states, tokenRequests, commands };
  }

  /**
   * So many rotations, from one moment when all have just got the same token to another.
   */
  async rotations(fleet, wanted) {
    const seen = Math.max(...(await this.states(fleet)).map(({ changes }) => changes));
    const first = await this.snapshot(fleet, seen + 1);
    const last = await this.snapshot(fleet, Math.min(...first.states.map(({ changes }) => changes)) + wanted);
    const { rotations, requests } = between(first, last);
    const spreads = spreadsOf(last.states, first.states[0].seenAt);
    return {
      rotations,
      requestsPerRotation: add(requests / rotations, 0),
      commandsPerRotation: add((last.commands - first.commands) / rotations, 0),
      spreads,
    };
  }

  /** The number of Redis commands during this many calls, without a renewal. */
  async commandsBetween(fleet, calls) {
    const { tokensIssued } = await this.simulators[fleet].ask('set', { lifetime: 3_600 });
    await this.#until(async () => {
      const [counters, states] = [await this.counters(fleet), await this.states(fleet)];
      return counters.tokensIssued > tokensIssued && states.every(({ token }) => token === counters.lastToken);
    });
    // The last one to get the token may still be letting the lock go.
    await pause(300);
    const before = await this.redis[fleet].commands();
    const share = Math.ceil(calls / this.instances.length);
    const outcomes = await this.askAll('calls', fleet, share);
    const failed = outcomes.flatMap(({ failures }) => Object.values(failures)).reduce(add, 0);
    return { commands: (await this.redis[fleet].commands()) - before, failed };
  }

  async stop() {
    await Promise.all([...this.instances, ...this.simulators].map((program) => program.kill()));
    await Promise.all(this.redis.map((redis) => redis.stop()));
  }
}

/**
 * What lies between two snapshots. Rotations are what most instances saw: one that got a token which the others did not
 * need, or slept through one, does not change their number.
 */
export function between(first, last) {
  const seen = last.states.map(({ changes }, index) => changes - first.states[index].changes).toSorted((a, b) => a - b);
  return { rotations: seen[(seen.length - 1) >> 1], requests: last.tokenRequests - first.tokenRequests };
}

/** For each token that all have had since: ms from the first instance that had it to the last. */
function spreadsOf([first, ...others], before) {
  return [...first.seenAt].flatMap(([token, at]) => {
    const times = [at, ...others.map(({ seenAt }) => seenAt.get(token))];
    return before.has(token) || times.includes(undefined) ? [] : [Math.max(...times) - Math.min(...times)];
  });
}
