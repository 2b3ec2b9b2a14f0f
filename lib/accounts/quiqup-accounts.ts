import type { OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';
// Handles recency, idle time and disposal together. Well maintained and without dependencies.
import { LRUCache } from 'lru-cache';
import type { Observable } from 'rxjs';
import type { QuiqupAccountsConfig } from '../config/index.js';
import { QuiqupAccountUnknownError, QuiqupShutDownError } from '../errors/index.js';
import { TrustedOrigins } from '../http/index.js';
import type { Coordination } from '../store/index.js';
import { inOwnContext, systemClock } from '../time/index.js';
import { createTokenClient, type AuthEvents } from '../token/index.js';
import { AccountCredentials } from './account-credentials.js';
import { KeptAccount, type SharedSurroundings } from './kept-account.js';
import type { QuiqupAccount } from './quiqup-account.js';
import { isStoreEvent, type QuiqupAccountsEvent } from './quiqup-accounts-event.js';

/** An account that is being created. */
interface Making {
  isForgotten: boolean;
  account?: Promise<KeptAccount | undefined>;
}

const LONGEST_SWEEP_MS = 60_000;
const LONGEST_SHOWN_ID = 64;
const LONGEST_ID = 1_024;

/** Makes any id safe for one log line. */
function shown(id: string): string {
  return id.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?').slice(0, LONGEST_SHOWN_ID);
}

/** An id from untyped code or a request may be anything, of any length. */
function checkAccountId(given: unknown): void {
  if (typeof given !== 'string' || given === '' || given.length > LONGEST_ID) {
    const what = typeof given === 'string' ? shown(given) : `(${given === null ? 'null' : typeof given})`;
    throw new QuiqupAccountUnknownError(
      `An account id must be a non-empty string of at most ${LONGEST_ID} characters.`,
      what,
    );
  }
}

/**
 * Accounts from a database. Each is created at first use, and dropped when it is idle or when there are too many. They
 * share one connection to the store, and no account gets the token of another.
 *
 * @example
 * ```ts
 * constructor(private readonly accounts: QuiqupAccounts) {}
 *
 * async create(merchantId: string, order: Order) {
 *   const { http } = await this.accounts.get(merchantId);
 *   return firstValueFrom(http.lastMile.post('/orders', order));
 * }
 * ```
 */
export class QuiqupAccounts implements OnModuleDestroy, OnApplicationShutdown {
  /**
   * The events of all accounts, with `accountId`, and those of the store once for all of them. Completes at shutdown. If a
   * subscriber throws, others still get the event.
   */
  readonly events$: Observable<QuiqupAccountsEvent>;
  // A `#` field: the accounts hold credentials and tokens, which must not be printed.
  readonly #kept: LRUCache<string, KeptAccount>;
  readonly #making = new Map<string, Making>();
  /** Accounts that were dropped while a renewal was running. */
  readonly #retiring = new Set<KeptAccount>();
  readonly #shared: SharedSurroundings;
  readonly #config: QuiqupAccountsConfig;
  readonly #coordination: Coordination;
  readonly #events: AuthEvents<QuiqupAccountsEvent>;
  private readonly sweep: NodeJS.Timeout;
  private isStopped = false;
  private isClosed = false;

  /**
   * @internal
   * @param events receives the store's events as well
   */
  constructor(
    config: QuiqupAccountsConfig,
    coordination: Coordination,
    registry: SchedulerRegistry,
    events: AuthEvents<QuiqupAccountsEvent>,
  ) {
    this.#config = config;
    this.#coordination = coordination;
    this.#events = events;
    this.events$ = events.events$;
    this.#shared = {
      config,
      coordination,
      tokenClient: createTokenClient(config),
      registry,
      trusted: new TrustedOrigins(config.trustedOrigins, config.http.socketPath),
      onEvent: (accountId, event) => {
        if (!isStoreEvent(event)) {
          events.emit({ ...event, accountId });
        }
      },
    };
    this.#kept = new LRUCache<string, KeptAccount>({
      max: config.maxAccounts,
      ttl: config.idleTimeout,
      updateAgeOnGet: true,
      // Otherwise each check of the time would start a timer.
      ttlResolution: 0,
      perf: systemClock,
      dispose: (kept) => this.retire(kept),
    });
    // One timer for all accounts. The library would use one for each, and count from the account's creation.
    this.sweep = setInterval(() => this.#kept.purgeStale(), Math.min(config.idleTimeout / 10, LONGEST_SWEEP_MS));
    this.sweep.unref();
    events.events$.subscribe((event) => {
      if (isStoreEvent(event)) {
        this.#inMemory().forEach((kept) => kept.tell(event));
      }
    });
  }

  /** The accounts in memory, the most recently used first. Reading this does not count as use. */
  get active(): Iterable<QuiqupAccount> {
    return this.#inMemory().map(({ account }) => account);
  }

  /**
   * Returns the account, and creates it if it is not in memory. Concurrent calls create it once and look up its credentials
   * once.
   *
   * @throws QuiqupAccountUnknownError if `resolveCredentials` returns nothing for it
   * @throws QuiqupCredentialsUnavailableError if `resolveCredentials` throws, hangs or returns something else
   * @throws QuiqupShutDownError after the application has shut down
   */
  async get(accountId: string): Promise<QuiqupAccount> {
    return (await this.keptAccount(accountId)).account;
  }

  /**
   * Gets a token with the current credentials, for everyone who uses the account. Call it after you change them.
   *
   * @throws as {@link get} and {@link QuiqupTokenService.getAccessToken}
   */
  async rotate(accountId: string): Promise<void> {
    const kept = await this.keptAccount(accountId);
    await kept.rotate();
  }

  /**
   * Drops the account from memory. The next {@link get} creates it again. Running calls keep their token. The entries in
   * Redis stay until the token expires.
   *
   * @returns whether it was in memory
   */
  forget(accountId: string): boolean {
    const making = this.#making.get(accountId);
    if (making !== undefined) {
      making.isForgotten = true;
      this.#making.delete(accountId);
    }
    return this.#kept.delete(accountId) || making !== undefined;
  }

  /** @internal */
  onModuleDestroy(): void {
    this.isStopped = true;
    clearInterval(this.sweep);
    this.#inMemory().forEach(({ runtime }) => runtime.stopAhead());
    this.#coordination.stopReconnecting();
  }

  /** @internal Not earlier: until now the HTTP server has been answering the last requests. */
  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.#inMemory(), ...this.#retiring].map(({ runtime }) => runtime.close()));
    this.#kept.clear();
    this.#shared.tokenClient.close();
    await this.#coordination.close();
    this.#events.complete();
  }

  #inMemory(): KeptAccount[] {
    // The library skips idle entries, which would then never be closed.
    this.#kept.purgeStale();
    return [...this.#kept.values()];
  }

  private async keptAccount(accountId: string): Promise<KeptAccount> {
    this.throwIfClosed();
    checkAccountId(accountId);
    const kept = this.#kept.get(accountId);
    if (kept !== undefined) {
      return kept;
    }
    const making = this.#making.get(accountId) ?? this.startMaking(accountId);
    const made = await making.account;
    // Forgotten meanwhile: the credentials that were looked up may be the outdated ones.
    return made ?? this.keptAccount(accountId);
  }

  private startMaking(accountId: string): Making {
    const making: Making = { isForgotten: false };
    this.#making.set(accountId, making);
    // The first call does not own the account, so the account is created outside the call's async context.
    making.account = inOwnContext(() => this.make(accountId, making)).finally(() => {
      if (!making.isForgotten) {
        this.#making.delete(accountId);
      }
    });
    return making;
  }

  /** Returns `undefined` if the account was forgotten meanwhile. */
  private async make(accountId: string, making: Making): Promise<KeptAccount | undefined> {
    const shownId = shown(accountId);
    const credentials = new AccountCredentials(this.#config, accountId, shownId);
    await credentials.lookUp();
    this.throwIfClosed();
    if (making.isForgotten) {
      return undefined;
    }
    const kept = new KeptAccount(accountId, shownId, this.#shared, {
      ask: () => {
        // A dropped account that the application kept is not closed with the others.
        this.throwIfClosed();
        return credentials.ask();
      },
      forget: () => credentials.forget(),
    });
    if (this.isStopped) {
      kept.runtime.stopAhead();
    }
    this.#kept.set(accountId, kept);
    return kept;
  }

  private retire(kept: KeptAccount): void {
    this.#retiring.add(kept);
    void inOwnContext(() => kept.runtime.retire()).finally(() => this.#retiring.delete(kept));
  }

  private throwIfClosed(): void {
    if (this.isClosed) {
      throw new QuiqupShutDownError('The application has shut down, and its accounts with it.');
    }
  }
}
