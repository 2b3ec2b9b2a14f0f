import type { QuiqupAuthModuleOptions } from 'nestjs-quiqup-auth';
import type { QuiqupSimulatorOptions } from 'nestjs-quiqup-auth/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.js';
import type { Figures, InstanceCommands, InstanceReport, Outcomes, SimulatorCommands } from './commands.js';
import { Load, sum } from './load.js';
import { Program, type Ending } from './program.js';

/** Options that can be sent to another process. */
type ModuleOptions = Partial<Pick<QuiqupAuthModuleOptions, 'timeouts' | 'refresh' | 'warmUp'>>;

/** The options of a single instance. */
interface InstanceSettings {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** How far its wall clock is ahead. */
  readonly clockOffsetMs?: number;
}

export interface FleetOptions {
  /** The shared store of the instances. */
  readonly redis: string;
  /** How many; 4 unless set. */
  readonly instances?: number;
  readonly simulator?: QuiqupSimulatorOptions;
  readonly module?: ModuleOptions;
  /** The options of this instance only. */
  readonly instance?: (index: number) => InstanceSettings;
}

/** Ends a hang only: an instance finds by itself a timer that outlives its shutdown. */
const SHUTDOWN_LIMIT_MS = 30_000;

const NOTHING_OF_ITS_OWN = (): InstanceSettings => ({});

const ORDERS = '/api/fulfilment/orders';

/** Instances of one application on one Redis, and the simulated Quiqup that they call, each a process of its own. */
export class Fleet {
  private constructor(
    readonly simulator: Program<SimulatorCommands>,
    readonly instances: readonly Program<InstanceCommands>[],
    /** Answers every token with 401. */
    readonly forbiddenUrl: string,
  ) {}

  /** Starts the processes; nothing has been called yet. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const {
      redis,
      instances = 4,
      simulator: simulatorOptions = {},
      module = {},
      instance = NOTHING_OF_ITS_OWN,
    } = options;
    const [simulator, { url: baseUrl = '', forbiddenUrl = '' }] = await Program.start<SimulatorCommands>(
      'simulator.mjs',
      simulatorOptions,
    );
    const startOne = async (index: number): Promise<Program<InstanceCommands>> => {
      const { clockOffsetMs = 0, ...credentials } = instance(index);
      const [program] = await Program.start<InstanceCommands>('instance.mjs', {
        clockOffsetMs,
        options: {
          baseUrl,
          trustedOrigins: [new URL(forbiddenUrl).origin],
          clientId: 'simulated-client',
          clientSecret: 'simulated-secret',
          cache: { redis },
          warmUp: 'off',
          ...module,
          ...credentials,
        },
      });
      return program;
    };
    const started = await Promise.allSettled(Array.from({ length: instances }, (_, index) => startOne(index)));
    const programs = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const fleet = new Fleet(simulator, programs, forbiddenUrl);
    const failed = started.find((one) => one.status === 'rejected');
    if (failed) {
      await fleet.kill();
      throw failed.reason;
    }
    return fleet;
  }

  /** All instances make so many calls at once. */
  async calls(perInstance: number): Promise<Outcomes> {
    return sum(await this.askAll((instance) => instance.ask('calls', perInstance, ORDERS)));
  }

  /** Calls go on until the load is stopped, so many a second in the whole fleet. */
  load(ratePerSecond: number, url = ORDERS): Promise<Load> {
    return Load.start(this.alive, ratePerSecond, url);
  }

  /** The same of one instance alone. */
  loadOf(index: number, ratePerSecond: number): Promise<Load> {
    return Load.start([this.instance(index)], ratePerSecond, ORDERS);
  }

  /** Every token that was issued dies. */
  async revoke(): Promise<void> {
    await this.simulator.ask('revoke');
  }

  figures(): Promise<Figures> {
    return this.simulator.ask('figures');
  }

  /** Counts from here. */
  async reset(): Promise<void> {
    await this.simulator.ask('reset');
  }

  reports(): Promise<InstanceReport[]> {
    return this.askAll((instance) => instance.ask('report'));
  }

  /** The fingerprints of the different tokens in hand. */
  async tokens(): Promise<string[]> {
    return [...new Set((await this.reports()).map(({ token }) => token))];
  }

  /** Waits until all have the same token. */
  async shareOneToken(): Promise<void> {
    await until(async () => {
      const tokens = await this.tokens();
      return tokens.length === 1 && tokens[0] !== 'none';
    }, 'all had the same token');
  }

  /** Revokes the one token of all, and waits until they share the next one. */
  async revokeAndReplace(): Promise<void> {
    const [before = ''] = await this.tokens();
    await this.revoke();
    await until(async () => !(await this.tokens()).includes(before), 'every instance had another token');
    await this.shareOneToken();
  }

  /** Waits until a token request is under way; returns which instance made it. */
  async asks(): Promise<number> {
    const first = this.instances.map(async (instance, index) => {
      await instance.next('asks');
      return index;
    });
    const index = await Promise.race(first);
    await until(async () => (await this.figures()).tokenRequests > 0, 'the token request arrived');
    return index;
  }

  /** As `kill -9` does. */
  async killInstance(index: number): Promise<void> {
    await this.instance(index).kill();
  }

  /** Suspends the process at any point. */
  stopInstance(index: number): void {
    this.instance(index).signal('SIGSTOP');
  }

  continueInstance(index: number): void {
    this.instance(index).signal('SIGCONT');
  }

  instance(index: number): Program<InstanceCommands> {
    const instance = this.instances[index];
    if (instance === undefined) {
      throw new Error(`The fleet has no instance ${index}.`);
    }
    return instance;
  }

  /** Shuts all down, or this one alone, as an orchestrator does; throws unless each ends by itself. */
  async end(index?: number): Promise<void> {
    const leaving = index === undefined ? this.alive : [this.instance(index)];
    const endings = leaving.map(async (instance): Promise<[Ending | 'not at all', string]> => {
      instance.signal('SIGTERM');
      return [await Promise.race([instance.ending, shutdownLimit()]), instance.output];
    });
    for (const [ending, output] of await Promise.all(endings)) {
      if (ending !== 0) {
        throw new Error(`An instance was to end by itself with 0, but ended with ${ending}:\n${output}`);
      }
    }
  }

  /** In any state. */
  async kill(): Promise<void> {
    await Promise.all([this.simulator, ...this.instances].map((program) => program.kill()));
  }

  private get alive(): readonly Program<InstanceCommands>[] {
    return this.instances.filter(({ hasEnded }) => !hasEnded);
  }

  private askAll<T>(question: (instance: Program<InstanceCommands>) => Promise<T>): Promise<T[]> {
    return Promise.all(this.alive.map(question));
  }
}

function shutdownLimit(): Promise<'not at all'> {
  return pause(SHUTDOWN_LIMIT_MS, 'not at all' as const, { ref: false });
}
