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

/** The parts that an account may share with others. */
export interface AccountSurroundings {
  readonly config: QuiqupSharedConfig;
  readonly coordination: Coordination;
  readonly tokenClient: TokenClient;
  readonly registry: SchedulerRegistry;
  readonly trusted: TrustedOrigins;
  /** Default: the real clocks and random values. A simulation replaces them. */
  readonly clock?: Clock | undefined;
  readonly ioClock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** The account's own parts. */
export interface AccountIdentity {
  readonly askCredentials: CredentialsSource;
  readonly events: AuthEvents;
  /** The account's name in the log. */
  readonly label: string;
  /** The name of its timer in the registry. */
  readonly timerName: string;
}

/**
 * Builds the classes of one account, from the lowest folder up, for Nest's providers and for accounts from a database
 * alike. It closes everything that it started. The connection belongs to the owner of the coordination.
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
   * @param tokens the token service of the calls: the account's own, or a test's replacement
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

  /** Logs the first token. */
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

  /** For a caller that knows that the cause of the last failure is gone. Stored entries may be out of date. */
  async renewAnew(): Promise<void> {
    this.memory.forgetFailure();
    await this.tokens.refresh();
  }

  /** Stops the timer and all renewals ahead of time. Calls still work. */
  stopAhead(): void {
    this.refresher.stop();
  }

  /** Resolves once no renewal is running and the lock is free. Calls still work. */
  async retire(): Promise<void> {
    this.stopAhead();
    await this.renewal.settled();
    this.#events.complete();
  }

  /** Ends the renewal under way. */
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
