import { Program } from './program.mjs';

const SETTLING_MS = 200;

/** Clients that each call one simulator at the same rate at the same time, each from a process of its own. */
export class SteadyLoad {
  #loads = [];

  /** @param {readonly string[]} names of the clients; one can be there twice */
  static async start(names, { redis, ...simulator }) {
    const load = new SteadyLoad();
    load.names = names;
    const clients = names.map((_, index) => ({ clientId: `client-${index}`, clientSecret: 'secret' }));
    load.simulator = await Program.start('support/programs/simulator.mjs', {
      // For the header that is set by hand.
      simulator: { lifetime: 3_600, clients },
    });
    const startAll = async (areByHand) => {
      for (const [index, name] of names.entries()) {
        if (name.startsWith('header by hand') === areByHand) {
          const server = { ...load.simulator.details, ...clients[index], redis };
          load.#loads[index] = await Program.start('support/programs/load.mjs', { name: name.split(',')[0], server });
        }
      }
    };
    await startAll(true);
    const { latency, ...others } = simulator;
    await load.simulator.ask('set', others);
    await startAll(false);
    // Tokens of one age.
    await Promise.all(load.#loads.map((one) => one.ask('warmUp')));
    await load.simulator.ask('set', { latency: latency ?? 0 });
    return load;
  }

  /** @returns by client: latencies in ms (NaN where a call failed), failures by reason, token requests meanwhile */
  async run({ ratePerSecond, seconds }) {
    const before = (await this.simulator.ask('counters')).requestsBy;
    const startAt = Date.now() + SETTLING_MS;
    const results = await Promise.all(
      this.#loads.map((load, index) =>
        load.ask('run', { ratePerSecond, seconds, startAt, phase: index / this.#loads.length }),
      ),
    );
    const after = (await this.simulator.ask('counters')).requestsBy;
    return results.map(({ latencies, failures, count }, index) => {
      const id = `client-${index}`;
      const tokenRequests = (after[id] ?? 0) - (before[id] ?? 0);
      return { name: this.names[index], latencies, failures, count, tokenRequests };
    });
  }

  async stop() {
    await Promise.all([this.simulator, ...this.#loads].map((program) => program.kill()));
  }
}
