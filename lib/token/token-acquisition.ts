import { randomUUID } from 'node:crypto';
import type { QuiqupAuthConfig } from '../config/index.js';
import { AccountVault, type LockLease, type RefreshLock, type TokenEntry, type TokenStore } from '../store/index.js';
import type { Credentials } from './credentials.js';
import type { RejectionBudget } from './rejection-budget.js';
import { pauseFor } from './settle-within.js';
import type { AnsweredLifetime } from './token-ages.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenGrants } from './token-grants.js';
import type { TokenResponse } from './token-response.js';

/** A token as it came: from the endpoint, or from the store, where another instance had put it. */
export interface AcquiredToken extends AnsweredLifetime {
  readonly id: string;
  readonly accessToken: string;
  readonly source: 'endpoint' | 'store';
}

/** What an acquisition needs to know. */
export interface AcquisitionRequest {
  readonly credentials: Credentials;
  /** Whether an answer with this id has been held before, so that it is nothing new. */
  readonly isKnown: (id: string) => boolean;
  /** Limits what may be asked of the endpoint; only for a token that is good but for a 401. */
  readonly budget?: RejectionBudget | undefined;
  /** Ends the acquisition when the application shuts down. */
  readonly closing: AbortSignal;
}

/** How often the store is looked at while another instance asks the endpoint; half of it fixed and half random. */
const POLL_MS = 100;

/**
 * Gets one answer: from the store, else, under the lock, from the token endpoint. It holds no token and repeats
 * nothing.
 */
export class TokenAcquisition {
  private readonly grants = new TokenGrants();
  #vault: { readonly credentials: Credentials; readonly vault: AccountVault } | undefined;

  constructor(
    private readonly config: QuiqupAuthConfig,
    private readonly endpoint: TokenEndpoint,
    private readonly store: TokenStore,
    private readonly lock: RefreshLock,
  ) {}

  /** `undefined` when the store has nothing new and the budget forbids to ask. */
  async acquire({ credentials, isKnown, budget, closing }: AcquisitionRequest): Promise<AcquiredToken | undefined> {
    const vault = this.vaultOf(credentials);
    const lookUp = async (): Promise<AcquiredToken | undefined> => {
      const entry = await this.store.read(vault);
      return entry === undefined || isKnown(entry.id) ? undefined : adopted(entry);
    };
    const found = await lookUp();
    if (found !== undefined || budget?.isSpent === true) {
      return found;
    }
    const turn = await this.waitForTurn(vault, lookUp, closing);
    if ('id' in turn) {
      return turn;
    }
    try {
      // Another instance may have written between the look and the lock.
      const written = await lookUp();
      if (written !== undefined || budget?.tryTake() === false) {
        return written;
      }
      return await this.ask(credentials, vault, closing).catch((error: unknown) => {
        // The pauses after a failure are limit enough.
        budget?.putBack();
        throw error;
      });
    } finally {
      await turn.release();
    }
  }

  /** Ends the connection to the store, where the module opened it. */
  close(): Promise<void> {
    return this.store.close();
  }

  /** The lock, or what its holder brought meanwhile. A lock that outlives its life cannot stop anybody. */
  private async waitForTurn(
    vault: AccountVault,
    lookUp: () => Promise<AcquiredToken | undefined>,
    closing: AbortSignal,
  ): Promise<LockLease | AcquiredToken> {
    const lifeMs = this.config.timeouts.lock;
    const giveUpAt = performance.now() + lifeMs;
    for (;;) {
      const lease = await this.lock.tryAcquire(vault.lockKey, lifeMs);
      if (lease !== undefined) {
        return lease;
      }
      if (performance.now() >= giveUpAt) {
        return { release: () => Promise.resolve() };
      }
      await pauseFor(POLL_MS / 2 + (POLL_MS / 2) * Math.random(), closing);
      const found = await lookUp();
      if (found !== undefined) {
        return found;
      }
    }
  }

  private async ask(credentials: Credentials, vault: AccountVault, closing: AbortSignal): Promise<AcquiredToken> {
    // Before the request is sent: however long the answer travels, the token is never thought to live longer.
    const askedAt = performance.now();
    const grant = this.grants.next(credentials.clientId);
    let response: TokenResponse;
    try {
      response = await this.endpoint.request(grant, credentials, closing);
    } catch (error) {
      if (this.grants.fallsBack(grant, error)) {
        return this.ask(credentials, vault, closing);
      }
      throw error;
    }
    const { accessToken, expiresIn, refreshToken } = response;
    this.grants.keep(grant, credentials.clientId, refreshToken);
    const lifetimeMs = (expiresIn ?? this.config.assumedLifetime) * 1_000;
    const id = randomUUID();
    await this.store.write(vault, {
      id,
      accessToken,
      lifetimeMs: Math.max(1, lifetimeMs),
      expiresAt: Date.now() + askedAt + lifetimeMs - performance.now(),
    });
    return { id, accessToken, askedAt, lifetimeMs, source: 'endpoint' };
  }

  private vaultOf(credentials: Credentials): AccountVault {
    const { clientId, clientSecret } = credentials;
    const known = this.#vault;
    if (known?.credentials.clientId === clientId && known.credentials.clientSecret === clientSecret) {
      return known.vault;
    }
    const vault = new AccountVault({ baseUrl: this.config.baseUrl, clientId, clientSecret });
    this.#vault = { credentials, vault };
    return vault;
  }
}

/** What is left by the wall clock, the only one that instances share; never more than the whole lifetime. */
function adopted({ id, accessToken, lifetimeMs, expiresAt }: TokenEntry): AcquiredToken | undefined {
  const leftMs = Math.min(expiresAt - Date.now(), lifetimeMs);
  if (leftMs <= 0) {
    return undefined;
  }
  return { id, accessToken, lifetimeMs, askedAt: performance.now() + leftMs - lifetimeMs, source: 'store' };
}
