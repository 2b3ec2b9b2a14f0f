import { randomUUID } from 'node:crypto';
import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupTokenEndpointError } from '../errors/index.js';
import {
  AccountVault,
  CLOCK_TOLERANCE_MS,
  type LockLease,
  type MeetingPoint,
  type RefreshLock,
  type StoredRecord,
  type StoredRecords,
  type TokenStore,
} from '../store/index.js';
import type { Credentials } from './credentials.js';
import type { RejectionBudget } from './rejection-budget.js';
import { pauseFor } from './settle-within.js';
import { SHORTEST_LIFETIME_MS, type AnsweredLifetime } from './token-ages.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenGrants } from './token-grants.js';
import type { TokenResponse } from './token-response.js';

/** A token as it came: from the endpoint, or from the store, where another instance had put it. */
export interface AcquiredToken extends AnsweredLifetime {
  readonly id: string;
  readonly accessToken: string;
  readonly source: 'endpoint' | 'store';
}

/** A token found in the store, with when it was put there, in monotonic ms. */
export interface FoundToken extends AcquiredToken {
  readonly writtenAt: number;
}

/** A failure for other instances, with the life of its record. */
interface FailureToShare {
  readonly record: StoredRecords['failure'];
  readonly ttlMs: number;
}

/** What an acquisition needs to know, and whom it tells. */
export interface AcquisitionRequest {
  readonly credentials: Credentials;
  /** Whether this token is what is looked for. */
  readonly isNews: (found: FoundToken) => boolean;
  /** Another instance has failed: whether that forbids to ask now. */
  readonly mustPauseAfter: (failure: StoredRecord<'failure'>) => boolean;
  /** The endpoint has just failed; returns what others should know of it. */
  readonly onFailure: (error: unknown) => FailureToShare | undefined;
  /** Limits what may be asked of the endpoint; only for a token that is good but for a 401. */
  readonly budget?: RejectionBudget | undefined;
  /** Whether so much hangs on it that a lost store is worth a try. */
  readonly isUrgent: boolean;
  /** Whether it may wait until a lost store is back. */
  readonly canWait: boolean;
  /** Ends the acquisition when the application shuts down. */
  readonly closing: AbortSignal;
}

/** A token, or why there is none. */
type Outcome =
  | { readonly token: AcquiredToken }
  | { readonly token?: undefined; readonly without: 'failed' | 'budget-spent' | 'store-lost' };

/** The outcome, with how long the lock was waited for, in ms: 0 when it was not needed. */
export type Acquisition = Outcome & { readonly lockWaitMs: number };

/** How often the store is looked at while another instance asks the endpoint; half of it fixed and half random. */
const POLL_MS = 100;
/** A failure's record outlives the pause after it, so that the next to fail counts on. */
const FAILURE_PAD_MS = 15_000;
/** Until then it is full again. */
const BUDGET_TTL_MS = 120_000;

/** For those who ask without the lock: theirs has ended from the start. */
const NO_LEASE: LockLease = { ageMs: Infinity, release: () => Promise.resolve() };

/**
 * Gets one answer: from the store, else, under the lock, from the token endpoint. It holds no token and repeats
 * nothing.
 */
export class TokenAcquisition {
  private readonly store: TokenStore;
  private readonly lock: RefreshLock;
  private readonly grants = new TokenGrants();
  /** Of the budget's record that this instance knows, its own or another's. */
  private knownBudget = '';
  #vault: { readonly credentials: Credentials; readonly vault: AccountVault } | undefined;

  constructor(
    private readonly config: QuiqupSharedConfig,
    private readonly endpoint: TokenEndpoint,
    { store, lock }: MeetingPoint,
  ) {
    this.store = store;
    this.lock = lock;
  }

  /** Whether instances cannot see each other at present. */
  get isAlone(): boolean {
    return this.store.isLost;
  }

  async acquire(request: AcquisitionRequest): Promise<Acquisition> {
    const { credentials, budget } = request;
    const vault = this.vaultOf(credentials);
    if (request.isUrgent) {
      await this.store.reach();
    }
    const [found] = await Promise.all([this.lookUp(vault, request), budget && this.adoptBudget(vault, budget)]);
    if (found !== undefined) {
      return { token: found, lockWaitMs: 0 };
    }
    if (budget?.isSpent === true) {
      return { without: 'budget-spent', lockWaitMs: 0 };
    }
    let lockWaitMs = 0;
    for (let isFirstTurn = true; ; isFirstTurn = false) {
      if (this.store.isLost && request.canWait) {
        return { without: 'store-lost', lockWaitMs };
      }
      const waitsSince = performance.now();
      const turn = this.store.isLost ? NO_LEASE : await this.waitForTurn(vault, request);
      lockWaitMs += performance.now() - waitsSince;
      if (!('release' in turn)) {
        return { ...turn, lockWaitMs };
      }
      try {
        const outcome = await this.takeTurn(vault, turn, request, isFirstTurn);
        if (outcome !== undefined) {
          return { ...outcome, lockWaitMs };
        }
      } finally {
        await turn.release();
      }
    }
  }

  /** Puts the token in hand where others find it, unless there is one already. */
  async share(token: AnsweredLifetime & { readonly id: string; readonly accessToken: string }): Promise<void> {
    const vault = this.#vault?.vault;
    if (vault === undefined) {
      return;
    }
    // Whoever has the lock is about to put a newer one there.
    const lease = (await this.lock.tryAcquire(vault.keyOf('lock'), this.config.timeouts.lock))?.lease;
    if (lease === undefined) {
      return;
    }
    try {
      if ((await this.store.read(vault, 'token')) === undefined) {
        await this.writeToken(vault, token);
      }
    } finally {
      await lease.release();
    }
  }

  /** Gives a request back to what the fleet has left. */
  async giveBack(budget: RejectionBudget): Promise<void> {
    const vault = this.#vault?.vault;
    if (vault !== undefined) {
      await this.adoptBudget(vault, budget);
    }
    budget.giveBack();
    if (vault !== undefined) {
      await this.shareBudget(vault, budget);
    }
  }

  /** The application is being destroyed. */
  leaveClosed(): void {
    this.store.leaveClosed();
  }

  /** Ends the connection to the store, where the module opened it. */
  close(): Promise<void> {
    return this.store.close();
  }

  /**
   * @param canStartOver whether another turn may be taken when this one is too far gone: `undefined` is returned then
   */
  private async takeTurn(
    vault: AccountVault,
    lease: LockLease,
    request: AcquisitionRequest,
    canStartOver: boolean,
  ): Promise<Outcome | undefined> {
    const { budget } = request;
    // Others may have written between the look and the lock.
    const [found, failure] = await Promise.all([
      this.lookUp(vault, request),
      this.store.read(vault, 'failure'),
      budget && this.adoptBudget(vault, budget),
    ]);
    if (found !== undefined) {
      return { token: found };
    }
    if (failure !== undefined && request.mustPauseAfter(failure)) {
      return { without: 'failed' };
    }
    if (canStartOver && this.isTooLate(lease)) {
      return undefined;
    }
    if (budget?.tryTake() === false) {
      return { without: 'budget-spent' };
    }
    await (budget && this.shareBudget(vault, budget));
    const outcome = await this.ask(vault, lease, request);
    if (outcome.token === undefined) {
      // The pauses after a failure are limit enough.
      budget?.putBack();
      await (budget && this.shareBudget(vault, budget));
    } else if (failure !== undefined) {
      await this.store.remove(vault, 'failure');
    }
    return outcome;
  }

  /**
   * The lock, or what its holder brought meanwhile. A lock that outlives its life, by this process's clock, cannot stop
   * anybody.
   */
  private async waitForTurn(vault: AccountVault, request: AcquisitionRequest): Promise<LockLease | Outcome> {
    const lifeMs = this.config.timeouts.lock;
    let owner: string | null = null;
    let giveUpAt = Infinity;
    for (;;) {
      const attempt = await this.lock.tryAcquire(vault.keyOf('lock'), lifeMs);
      if (attempt === undefined) {
        return request.canWait ? { without: 'store-lost' } : NO_LEASE;
      }
      if (attempt.lease !== undefined) {
        return attempt.lease;
      }
      const now = performance.now();
      if (attempt.heldBy !== owner) {
        owner = attempt.heldBy;
        giveUpAt = now + lifeMs;
      }
      if (now >= giveUpAt) {
        return NO_LEASE;
      }
      await pauseFor(POLL_MS / 2 + (POLL_MS / 2) * Math.random(), request.closing);
      const [found, failure] = await Promise.all([this.lookUp(vault, request), this.store.read(vault, 'failure')]);
      if (found !== undefined) {
        return { token: found };
      }
      if (failure !== undefined && request.mustPauseAfter(failure)) {
        return { without: 'failed' };
      }
    }
  }

  /** This process was held up, so that the lock would end before the request that it guards. */
  private isTooLate(lease: LockLease): boolean {
    const { lock, tokenRequest } = this.config.timeouts;
    return lease !== NO_LEASE && !this.store.isLost && lease.ageMs > lock - tokenRequest;
  }

  private async ask(vault: AccountVault, lease: LockLease, request: AcquisitionRequest): Promise<Outcome> {
    const { credentials, closing } = request;
    // Before the request is sent: however long the answer travels, the token is never thought to live longer.
    const askedAt = performance.now();
    let response: TokenResponse;
    try {
      response = await this.exchange(credentials, closing);
    } catch (error) {
      closing.throwIfAborted();
      // Two instances asked at once, and the other has the token.
      const others = isTokenReuse(error) ? await this.lookUp(vault, request) : undefined;
      if (others !== undefined) {
        return { token: others };
      }
      const failure = request.onFailure(error);
      if (failure !== undefined) {
        await this.store.write(vault, 'failure', failure.record, failure.ttlMs + FAILURE_PAD_MS);
      }
      return { without: 'failed' };
    }
    if (lease.ageMs >= this.config.timeouts.lock) {
      // Another has asked since, and its token is the later one.
      const newer = await this.lookUp(vault, request);
      if (newer !== undefined) {
        return { token: newer };
      }
    }
    const { accessToken, expiresIn } = response;
    const lifetimeMs = (expiresIn ?? this.config.assumedLifetime) * 1_000;
    const token: AcquiredToken = { id: randomUUID(), accessToken, askedAt, lifetimeMs, source: 'endpoint' };
    await this.writeToken(vault, token);
    return { token };
  }

  private async exchange(credentials: Credentials, closing: AbortSignal): Promise<TokenResponse> {
    const grant = this.grants.next(credentials.clientId);
    try {
      const response = await this.endpoint.request(grant, credentials, closing);
      this.grants.keep(grant, credentials.clientId, response.refreshToken);
      return response;
    } catch (error) {
      if (this.grants.fallsBack(grant, error)) {
        return this.exchange(credentials, closing);
      }
      throw error;
    }
  }

  private async lookUp(vault: AccountVault, { isNews }: AcquisitionRequest): Promise<FoundToken | undefined> {
    const stored = await this.store.read(vault, 'token');
    if (stored === undefined) {
      return undefined;
    }
    const { writtenAt, record } = stored;
    const { id, accessToken, lifetimeMs, leftMs } = record;
    const askedAt = writtenAt + leftMs - lifetimeMs;
    const found: FoundToken = { id, accessToken, lifetimeMs, askedAt, writtenAt, source: 'store' };
    return isNews(found) ? found : undefined;
  }

  private writeToken(
    vault: AccountVault,
    { id, accessToken, askedAt, lifetimeMs }: Omit<AcquiredToken, 'source'>,
  ): Promise<void> {
    const leftMs = askedAt + lifetimeMs - performance.now();
    // It outlives its token, for in keyv the reader's clock decides when it is removed, and may be ahead.
    const ttlMs = Math.max(leftMs, SHORTEST_LIFETIME_MS) + CLOCK_TOLERANCE_MS;
    return this.store.write(vault, 'token', { id, accessToken, lifetimeMs, leftMs }, ttlMs);
  }

  private async adoptBudget(vault: AccountVault, budget: RejectionBudget): Promise<void> {
    const stored = await this.store.read(vault, 'budget');
    if (stored !== undefined && stored.record.id !== this.knownBudget) {
      this.knownBudget = stored.record.id;
      budget.adopt({ left: stored.record.left, at: stored.writtenAt });
    }
  }

  private shareBudget(vault: AccountVault, { left }: RejectionBudget): Promise<void> {
    this.knownBudget = randomUUID();
    return this.store.write(vault, 'budget', { id: this.knownBudget, left }, BUDGET_TTL_MS);
  }

  private vaultOf(credentials: Credentials): AccountVault {
    const { clientId, clientSecret } = credentials;
    const known = this.#vault;
    if (known?.credentials.clientId === clientId && known.credentials.clientSecret === clientSecret) {
      return known.vault;
    }
    const vault = new AccountVault(
      { tokenUrl: this.config.tokenUrl, clientId, clientSecret },
      this.config.cache.sealingKeys(),
    );
    this.#vault = { credentials, vault };
    return vault;
  }
}

function isTokenReuse(error: unknown): boolean {
  return error instanceof QuiqupTokenEndpointError && error.oauthError === 'invalid_token_reuse';
}
