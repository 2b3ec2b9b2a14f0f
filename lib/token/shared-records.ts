import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupTokenEndpointError, tokenEndpointErrorData } from '../errors/index.js';
import { CLOCK_TOLERANCE_MS, RecordSealer, type TokenStore } from '../store/index.js';
import type { Clock } from '../time/index.js';
import type { Credentials } from './credentials.js';
import type { AcquiredToken, StoredToken } from './held-token.js';
import { SHORTEST_LIFETIME_MS } from './token-ages.js';
import { TokenFailure } from './token-failure.js';

/** How long after its pause a failure still counts as the one before the next. */
const FAILURE_PAD_MS = 15_000;
/** The budget is full again by then. */
const BUDGET_TTL_MS = 120_000;

/** The level of the rejection budget, as an instance wrote it. */
export interface StoredBudget {
  /** Changes with each write. */
  readonly id: string;
  readonly left: number;
  /** Monotonic ms. */
  readonly writtenAt: number;
}

/** The account's records in the store, in the types of this folder. */
export class SharedRecords {
  #sealed: { readonly credentials: Credentials; readonly sealer: RecordSealer } | undefined;

  constructor(
    private readonly config: QuiqupSharedConfig,
    private readonly store: TokenStore,
    private readonly clock: Clock,
  ) {}

  /** Whether the instances cannot see each other now. */
  get isLost(): boolean {
    return this.store.isLost;
  }

  /** Probes whether a lost store is back. */
  reach(): Promise<void> {
    return this.store.reach();
  }

  /** Selects the records of these credentials, because keys and seals depend on them. */
  openWith(credentials: Credentials): void {
    const { clientId, clientSecret } = credentials;
    const known = this.#sealed?.credentials;
    if (known?.clientId !== clientId || known.clientSecret !== clientSecret) {
      const account = { tokenUrl: this.config.tokenUrl, clientId, clientSecret };
      this.#sealed = { credentials, sealer: new RecordSealer(account, this.config.cache.sealingKeys()) };
    }
  }

  /** Read only after the first {@link openWith}. */
  get lockKey(): string {
    return this.#sealed?.sealer.keyOf('lock') ?? '';
  }

  async readToken(): Promise<StoredToken | undefined> {
    const stored = this.#sealed && (await this.store.read(this.#sealed.sealer, 'token'));
    if (stored === undefined) {
      return undefined;
    }
    const { writtenAt, record } = stored;
    const { id, accessToken, lifetimeMs, leftMs } = record;
    return { id, accessToken, lifetimeMs, requestedAt: writtenAt + leftMs - lifetimeMs, writtenAt, source: 'store' };
  }

  async writeToken({ id, accessToken, requestedAt, lifetimeMs }: Omit<AcquiredToken, 'source'>): Promise<void> {
    const leftMs = requestedAt + lifetimeMs - this.clock.now();
    // The entry outlives its token, because keyv removes entries by the reader's clock, which may be ahead.
    const ttlMs = Math.max(leftMs, SHORTEST_LIFETIME_MS) + CLOCK_TOLERANCE_MS;
    const sealer = this.#sealed?.sealer;
    await (sealer && this.store.write(sealer, 'token', { id, accessToken, lifetimeMs, leftMs }, ttlMs));
  }

  async readFailure(): Promise<TokenFailure | undefined> {
    const sealed = this.#sealed;
    const stored = sealed && (await this.store.read(sealed.sealer, 'failure'));
    const failure = stored && TokenFailure.shared(stored, sealed.credentials);
    // Entries outlive their pause, because keyv removes them by the reader's clock, which may be ahead.
    return failure && this.clock.now() < failure.retryAt(undefined) + FAILURE_PAD_MS ? failure : undefined;
  }

  /** Shares the failure, unless it did not come from the token endpoint. */
  async writeFailure(failure: TokenFailure): Promise<void> {
    const { id, attempt, draw, error } = failure;
    const sealer = this.#sealed?.sealer;
    if (sealer === undefined || !(error instanceof QuiqupTokenEndpointError)) {
      return;
    }
    const pauseMs = Math.max(0, failure.retryAt(undefined) - this.clock.now());
    const record = { id, attempt, draw, ...tokenEndpointErrorData(error) };
    await this.store.write(sealer, 'failure', record, pauseMs + FAILURE_PAD_MS + CLOCK_TOLERANCE_MS);
  }

  async removeFailure(): Promise<void> {
    await (this.#sealed && this.store.remove(this.#sealed.sealer, 'failure'));
  }

  async readBudget(): Promise<StoredBudget | undefined> {
    const stored = this.#sealed && (await this.store.read(this.#sealed.sealer, 'budget'));
    return stored && { ...stored.record, writtenAt: stored.writtenAt };
  }

  async writeBudget(record: Omit<StoredBudget, 'writtenAt'>): Promise<void> {
    await (this.#sealed && this.store.write(this.#sealed.sealer, 'budget', record, BUDGET_TTL_MS + CLOCK_TOLERANCE_MS));
  }
}
