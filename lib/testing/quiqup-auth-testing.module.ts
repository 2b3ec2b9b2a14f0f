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
import { offlineAdapter } from './offline-adapter.js';
import type { QuiqupSimulator } from './quiqup-simulator.js';

/** What {@link QuiqupAuthTestingModule} takes. */
export interface QuiqupAuthTestingOptions {
  /**
   * The token that every account has: visible ASCII, without spaces.
   * @default 'testing-access-token'
   */
  accessToken?: string | undefined;
  /**
   * Answers the calls of `QuiqupHttpService` in place of the network; sees the `Authorization` header.
   * @default none: such calls fail with an `AxiosError` that says so (`ERR_NETWORK`)
   */
  adapter?: AxiosAdapter | undefined;
}

/** What a `TestingModuleBuilder` of `@nestjs/testing` can do, as far as it is needed here. */
export interface OverridableBuilder<T> {
  overrideProvider(token: unknown): { useValue(value: unknown): T };
}

type SingleClientOptions = QuiqupAuthModuleOptions & QuiqupClientCredentials;

function offline({ accessToken = 'testing-access-token', adapter }: QuiqupAuthTestingOptions): SingleClientOptions {
  return {
    // Its hosts get the token as the real ones would.
    environment: 'staging',
    clientId: 'testing-client',
    clientSecret: 'testing-secret',
    // There at once, for `peek` as well.
    warmUp: 'await',
    refresh: { enabled: false },
    http: { adapter: offlineAdapter(accessToken, adapter) },
  };
}

function simulated(simulator: QuiqupSimulator): SingleClientOptions {
  return { baseUrl: simulator.url, ...simulator.clients[0], warmUp: 'off' };
}

/** The same for accounts that come and go: all have the one client. */
function forAccounts({
  environment,
  baseUrl,
  http,
  refresh,
  ...client
}: SingleClientOptions): QuiqupAccountsModuleOptions {
  const { clientId, clientSecret } = client;
  return { environment, baseUrl, http, refresh, resolveCredentials: () => ({ clientId, clientSecret }) };
}

/**
 * `QuiqupAuthModule` for an application's tests: the real providers, with a fixed token and no network, or with a
 * simulator behind them.
 */
// oxlint-disable-next-line typescript/no-extraneous-class -- named and called like the module that it stands for
export class QuiqupAuthTestingModule {
  /**
   * The module with a fixed token, to be imported in place of `QuiqupAuthModule.forRoot`. Nothing is sent anywhere.
   *
   * @example
   * ```ts
   * const app = await Test.createTestingModule({
   *   imports: [QuiqupAuthTestingModule.forRoot({ adapter: answerOrders })],
   *   providers: [Deliveries],
   * }).compile();
   * ```
   */
  static forRoot(options: QuiqupAuthTestingOptions & QuiqupAuthModuleExtras = {}): DynamicModule {
    const { name, isGlobal, ...rest } = options;
    return QuiqupAuthModule.forRoot({ ...offline(rest), name, isGlobal });
  }

  /**
   * The module with a simulator behind it, which is started if it is not yet.
   *
   * @param options those of the module, where they should differ
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
   * Has a whole application tested offline: every account that it registers, named ones and those of `forAccounts`
   * included, gets a fixed token, or the simulator's. The application's own options are neither read nor needed.
   *
   * @param builder what `Test.createTestingModule` returned
   * @param behind a fixed token and what answers calls, or a simulator that was started
   * @returns the builder
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
    const options = 'url' in behind ? simulated(behind) : offline(behind);
    return builder
      .overrideProvider(MODULE_OPTIONS)
      .useValue(() => options)
      .overrideProvider(ACCOUNTS_OPTIONS)
      .useValue(() => forAccounts(options));
  }
}
