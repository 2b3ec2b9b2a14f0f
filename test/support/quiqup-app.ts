import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  QuiqupAuthModule,
  QuiqupAxiosInterceptor,
  QuiqupHttpService,
  QuiqupTokenService,
  type QuiqupAuthEvent,
  type QuiqupAuthModuleExtras,
  type QuiqupAuthModuleOptions,
} from 'nestjs-quiqup-auth';
import { QuiqupSimulator, type QuiqupSimulatorOptions } from 'nestjs-quiqup-auth/testing';
import { AccountRuntime } from '../../lib/accounts/index.js';
import { eventually } from './eventually.js';
import { RecordedLog } from './recorded-log.js';

export interface QuiqupAppOptions {
  readonly simulator?: QuiqupSimulatorOptions | QuiqupSimulator;
  readonly module?: Partial<QuiqupAuthModuleOptions & QuiqupAuthModuleExtras>;
  /** Further imports of the application. */
  readonly imports?: ModuleMetadata['imports'];
}

/** A real application on the real module, and the simulator that it talks to. */
export class QuiqupApp {
  readonly events: QuiqupAuthEvent[] = [];

  private constructor(
    readonly app: TestingModule & INestApplicationContext,
    readonly simulator: QuiqupSimulator,
    /** The log of the module. */
    readonly log: RecordedLog,
  ) {
    this.tokens.events$.subscribe((event) => this.events.push(event));
  }

  static async start({ simulator, module, imports = [] }: QuiqupAppOptions = {}): Promise<QuiqupApp> {
    const quiqup = simulator instanceof QuiqupSimulator ? simulator : new QuiqupSimulator(simulator);
    await quiqup.start();
    const { clientId, clientSecret } = quiqup.clients[0];
    const options = { baseUrl: quiqup.url, clientId, clientSecret, warmUp: 'off' as const, ...module };
    const log = new RecordedLog();
    const app = await Test.createTestingModule({ imports: [QuiqupAuthModule.forRoot(options), ...imports] })
      .setLogger(log)
      .compile();
    const started = new QuiqupApp(app, quiqup, log);
    try {
      await app.init();
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  /** The events that say what became of the token. */
  get rotations(): QuiqupAuthEvent[] {
    return this.events.filter(({ type }) => ['acquired', 'adopted', 'reused', 'renewal-failed'].includes(type));
  }

  get tokens(): QuiqupTokenService {
    return this.app.get(QuiqupTokenService);
  }

  get quiqup(): QuiqupHttpService {
    return this.app.get(QuiqupHttpService);
  }

  get interceptor(): QuiqupAxiosInterceptor {
    return this.app.get(QuiqupAxiosInterceptor);
  }

  /** How often the token endpoint was asked. */
  get tokenRequests(): number {
    return this.simulator.counters.tokenRequests;
  }

  /** Waits for real input and output until there have been this many events of the type. */
  async eventually(type: QuiqupAuthEvent['type'], count = 1): Promise<void> {
    await eventually(
      () => this.events.filter((event) => event.type === type).length >= count,
      `there were ${count} events '${type}'`,
    );
  }

  /** Waits for real input and output until no renewal is under way. */
  async settled(): Promise<void> {
    await eventually(() => !this.app.get(AccountRuntime).renewal.isRunning, 'the renewal ended');
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.simulator.stop();
  }
}
