import type { DynamicModule } from '@nestjs/common';
import type { AxiosAdapter } from 'axios';
import type {
  QuiqupAccountsModuleOptions,
  QuiqupAuthModuleExtras,
  QuiqupAuthModuleOptions,
  QuiqupClientCredentials,
} from '../config/index.js';
import { QuiqupAuthModule } from '../quiqup-auth.module.js';
import { ACCOUNTS_OPTIONS, MODULE_OPTIONS } from '../quiqup-auth.tokens.js';
import { offlineAdapter, refusingAdapter } from './offline-adapter.js';
import type { QuiqupSimulator } from './quiqup-simulator.js';
import { settledAdapter } from './settled-adapter.js';
import { answeringAdapter, type QuiqupTestingAnswerer } from './testing-answer.js';

/** Options of {@link QuiqupAuthTestingModule}. */
export interface QuiqupAuthTestingOptions {
  /**
   * The first token of every account: visible ASCII, without spaces. Each further token request, for example after a 401,
   * gets this token with the suffix `-2`, `-3` and so on.
   * @default 'testing-access-token'
   */
  accessToken?: string | undefined;
  /**
   * Responds to the calls of `QuiqupHttpService` instead of the network. A status that `validateStatus` refuses rejects,
   * as with axios, and a 401 is recovered as in production. Do not combine it with `adapter`.
   * @default none: calls fail with an `AxiosError` (`ERR_NETWORK`) that explains it
   */
  answer?: QuiqupTestingAnswerer | undefined;
  /**
   * The same as an adapter of axios, for everything that `answer` cannot do. `validateStatus` applies too. Do not combine
   * it with `answer`.
   * @default none
   */
  adapter?: AxiosAdapter | undefined;
}

/** The used part of `@nestjs/testing`'s `TestingModuleBuilder`. */
export interface OverridableBuilder<T> {
  overrideProvider(token: unknown): { useValue(value: unknown): T };
}

type SingleClientOptions = QuiqupAuthModuleOptions & QuiqupClientCredentials;

function callsOf({ answer, adapter }: QuiqupAuthTestingOptions): AxiosAdapter {
  if (answer !== undefined && adapter !== undefined) {
    throw new TypeError('QuiqupAuthTestingModule takes either answer or adapter. Leave one of them out.');
  }
  const answering = adapter ?? (answer && answeringAdapter(answer));
  return answering ? settledAdapter(answering) : refusingAdapter;
}

function offline(options: QuiqupAuthTestingOptions): SingleClientOptions {
  const { accessToken = 'testing-access-token' } = options;
  return {
    // The environment's hosts get the token like the real ones.
    environment: 'staging',
    clientId: 'testing-client',
    clientSecret: 'testing-secret',
    // Available at once, also for `peek`.
    warmUp: 'await',
    refresh: { enabled: false },
    http: { adapter: offlineAdapter(accessToken, callsOf(options)) },
  };
}

function simulated(simulator: QuiqupSimulator): SingleClientOptions {
  return { baseUrl: simulator.url, lastMileUrl: simulator.lastMileUrl, ...simulator.clients[0], warmUp: 'off' };
}

/** The same for accounts from a database: all have the same client and share its token. */
function forAccounts({
  environment,
  baseUrl,
  lastMileUrl,
  http,
  refresh,
  ...client
}: SingleClientOptions): QuiqupAccountsModuleOptions {
  const { clientId, clientSecret } = client;
  return { environment, baseUrl, lastMileUrl, http, refresh, resolveCredentials: () => ({ clientId, clientSecret }) };
}

/**
 * `QuiqupAuthModule` for the tests of your application: the real providers, with a fixed token and no network, or with a
 * simulator.
 */
// oxlint-disable-next-line typescript/no-extraneous-class -- named and called like the module that it stands for
export class QuiqupAuthTestingModule {
  /**
   * The module with a fixed token. Import it instead of `QuiqupAuthModule.forRoot`. It sends nothing to the network.
   *
   * @throws TypeError if it is given both `answer` and `adapter`
   * @example
   * ```ts
   * const answer = ({ method }) => (method === 'POST' ? { status: 201, data: { id: 1 } } : { data: [] });
   * const app = await Test.createTestingModule({
   *   imports: [QuiqupAuthTestingModule.forRoot({ answer })],
   *   providers: [Deliveries],
   * }).compile();
   * ```
   */
  static forRoot(options: QuiqupAuthTestingOptions & QuiqupAuthModuleExtras = {}): DynamicModule {
    const { name, isGlobal, ...rest } = options;
    return QuiqupAuthModule.forRoot({ ...offline(rest), name, isGlobal });
  }

  /**
   * The module with a simulator. Starts the simulator if it is not running.
   *
   * @param options options of the module to change
   */
  static forSimulator(
    simulator: QuiqupSimulator,
    options: Partial<QuiqupAuthModuleOptions> & QuiqupAuthModuleExtras = {},
  ): DynamicModule {
    const { name, isGlobal, ...rest } = options;
    return QuiqupAuthModule.forRootAsync({
      name,
      isGlobal,
      useFactory: async () => {
        await simulator.start();
        return { ...simulated(simulator), ...rest };
      },
    });
  }

  /**
   * Tests a whole application offline: every account that it registers, including named ones and those of `forAccounts`,
   * gets a fixed token or the simulator's. The application's own options are not read.
   *
   * @param builder what `Test.createTestingModule` returned
   * @param behind a fixed token and the answers to calls, or a started simulator
   * @returns the builder
   * @throws TypeError if it is given both `answer` and `adapter`
   * @example
   * ```ts
   * const builder = Test.createTestingModule({ imports: [AppModule] });
   * const app = await QuiqupAuthTestingModule.override(builder, { accessToken: 'fixed' }).compile();
   * ```
   */
  static override<T extends OverridableBuilder<T>>(
    builder: T,
    behind: QuiqupAuthTestingOptions | QuiqupSimulator = {},
  ): T {
    // A new adapter for each module, so that each counts its own tokens.
    const make = (): SingleClientOptions => ('url' in behind ? simulated(behind) : offline(behind));
    // A mistake throws here, at its source, and not while the application starts.
    make();
    return builder
      .overrideProvider(MODULE_OPTIONS)
      .useValue(make)
      .overrideProvider(ACCOUNTS_OPTIONS)
      .useValue(() => forAccounts(make()));
  }
}
