import type { SchedulerRegistry } from '@nestjs/schedule';
import { filter, take } from 'rxjs';
import type { QuiqupSharedConfig } from '../config/index.js';
import { AuthorizingAdapter, type TrustedOrigins } from '../http/index.js';
import { TokenRefresher } from '../refresh/index.js';
import type { Coordination } from '../store/index.js';
import { ioClock, systemClock, systemRandom, type Clock, type Random } from '../time/index.js';
import {
  QuiqupTokenService,
  RejectionBudget,
  RenewalOutcomes,
  SharedLookup,
  SharedRecords,
  TokenAcquisition,
  TokenEndpoint,
  TokenFetch,
  TokenLog,
  TokenMemory,
  TokenRecovery,
  TokenRenewal,
  TurnQueue,
  type AuthEvents,
  type CredentialsSource,
  type TokenClient,
} from '../token/index.js';

/** What an account may share with others. */
export interface AccountSurroundings {
  readonly config: QuiqupSharedConfig;
  readonly coordination: Coordination;
  readonly tokenClient: TokenClient;
  readonly registry: SchedulerRegistry;
  readonly trusted: TrustedOrigins;
  /** Replaced in a simulation. Default the real clocks and real chance. */
  readonly clock?: Clock | undefined;
  readonly ioClock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** What is the account's own. */
export interface AccountIdentity {
  readonly askCredentials: CredentialsSource;
  readonly events: AuthEvents;
  /** What the account is called in the log. */
  readonly label: string;
  /** What its timer is called in the registry. */
  readonly timerName: string;
}

/**
 * The classes of one account, built once, from the floor up: for Nest's providers and for accounts from a database
 * alike. It closes what it started, and no connection, which belongs to whoever made the coordination.
 */
export class AccountRuntime {
  readonly memory: TokenMemory;
  readonly renewal: TokenRenewal;
  readonly tokens: QuiqupTokenService;
  readonly refresher: TokenRefresher;
  readonly #recovery: TokenRecovery;
  readonly #trusted: TrustedOrigins;
  readonly #events: AuthEvents;
  readonly #clock: Clock;
  readonly #log: TokenLog;

  constructor(surroundings: AccountSurroundings, { askCredentials, events, label, timerName }: AccountIdentity) {
    const { config, registry, trusted, clock = systemClock, random = systemRandom } = surroundings;
    const log = new TokenLog(label);
    const memory = new TokenMemory(config.refresh, random);
    const records = new SharedRecords(config, surroundings.coordination.store, clock);
    const budget = new RejectionBudget(records, clock, random);
    const acquisition = createAcquisition(surroundings, { memory, records, budget, events });
    const outcomes = new RenewalOutcomes({ memory, budget, events, log, clock, random });
    const renewal = new TokenRenewal({ config, memory, acquisition, askCredentials, budget, outcomes, clock });
    const longestWaitMs = config.timeouts.wait;
    const recovery = new TokenRecovery({ memory, renewal, budget, events, log, clock, longestWaitMs });
    this.memory = memory;
    this.renewal = renewal;
    this.tokens = new QuiqupTokenService({ memory, renewal, recovery, events, clock, longestWaitMs });
    this.refresher = new TokenRefresher({ config, memory, renewal, events, registry, timerName, clock });
    this.#recovery = recovery;
    this.#trusted = trusted;
    this.#events = events;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * @param tokens where calls take their token from: the account's own service, or what a test has put in its place
   */
  createAdapter(tokens: QuiqupTokenService): AuthorizingAdapter {
    return new AuthorizingAdapter({
      tokens,
      renewal: this.renewal,
      recovery: this.#recovery,
      trusted: this.#trusted,
      clock: this.#clock,
    });
  }

  /** The first token gets a line in the log. */
  announceFirstToken(): void {
    this.#events.events$
      .pipe(
        filter(({ type }) => type === 'acquired' || type === 'adopted'),
        take(1),
      )
      .subscribe(() => {
        const { held } = this.memory;
        this.#log.firstToken(Math.round(((held?.expiresAt ?? 0) - this.#clock.now()) / 1_000));
      });
  }

  /** The caller knows that the cause of the last failure is gone. What is stored may be out of date. */
  async renewAnew(): Promise<void> {
    this.memory.forgetFailure();
    await this.tokens.refresh();
  }

  /** No timer and no renewal ahead of time any more; calls are still answered. */
  stopAhead(): void {
    this.refresher.stop();
  }

  /** Resolves once nothing is being fetched and the lock is free; calls are still answered. */
  async retire(): Promise<void> {
    this.stopAhead();
    await this.renewal.settled();
    this.#events.complete();
  }

  /** Ends what is being fetched. */
  async close(): Promise<void> {
    this.stopAhead();
    await this.renewal.close();
    this.#events.complete();
  }
}

interface AcquisitionSurroundings {
  readonly memory: TokenMemory;
  readonly records: SharedRecords;
  readonly budget: RejectionBudget;
  readonly events: AuthEvents;
}

function createAcquisition(
  surroundings: AccountSurroundings,
  { memory, records, budget, events }: AcquisitionSurroundings,
): TokenAcquisition {
  const { config, coordination, tokenClient, clock = systemClock, random = systemRandom } = surroundings;
  const { lock } = coordination;
  const endpoint = new TokenEndpoint(config, events, tokenClient, {
    clock,
    ioClock: surroundings.ioClock ?? ioClock,
  });
  const lookup = new SharedLookup(records, memory, clock);
  const { lock: lockLifeMs, wait: callWaitMs } = config.timeouts;
  const queue = new TurnQueue({ records, lookup, lock, lockLifeMs, callWaitMs, clock, random });
  const tokenFetch = new TokenFetch({ config, endpoint, records, lookup, memory, clock, random });
  return new TokenAcquisition({ config, records, lookup, lock, queue, tokenFetch, budget, clock });
}
