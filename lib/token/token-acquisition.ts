import type { QuiqupSharedConfig } from '../config/index.js';
import type { LockLease, RefreshLock } from '../store/index.js';
import type { Clock } from '../time/index.js';
import type { Acquisition, AcquisitionRequest, Outcome, TokenInHand } from './acquisition-outcome.js';
import type { AcquiredToken } from './held-token.js';
import type { WantedToken } from './token-memory.js';
import type { RejectionBudget } from './rejection-budget.js';
import type { SharedLookup } from './shared-lookup.js';
import type { SharedRecords } from './shared-records.js';
import type { TokenFetch } from './token-fetch.js';
import { NO_LEASE, type TurnQueue } from './turn-queue.js';

export interface AcquisitionParts {
  readonly config: QuiqupSharedConfig;
  readonly records: SharedRecords;
  readonly lookup: SharedLookup;
  readonly lock: RefreshLock;
  readonly queue: TurnQueue;
  readonly tokenFetch: TokenFetch;
  readonly budget: RejectionBudget;
  readonly clock: Clock;
}

/**
 * Gets one token response: from the store or, under the lock, from the token endpoint. It holds no token and repeats
 * nothing.
 */
export class TokenAcquisition {
  readonly #parts: AcquisitionParts;

  constructor(parts: AcquisitionParts) {
    this.#parts = parts;
  }

  /** Whether the instances cannot see each other now. */
  get isAlone(): boolean {
    return this.#parts.records.isLost;
  }

  async acquire(request: AcquisitionRequest): Promise<Acquisition> {
    const { records, lookup, queue, budget, clock } = this.#parts;
    records.openWith(request.credentials);
    if (request.isUrgent) {
      await records.reach();
    }
    const counted = countedToken(request);
    const [token] = await Promise.all([lookup.findToken(request), counted && budget.update()]);
    if (token !== undefined) {
      return { kind: 'token', token, lockWaitMs: 0 };
    }
    if (counted !== undefined && budget.isExhausted && !counted.mayOverdraw) {
      return { kind: 'budget-exhausted', inHand: counted.token, lockWaitMs: 0 };
    }
    let lockWaitMs = 0;
    for (let isFirstTurn = true; ; isFirstTurn = false) {
      const waitsSince = clock.now();
      const turn = await queue.wait(request);
      lockWaitMs += clock.now() - waitsSince;
      if (turn.kind === 'over') {
        return { ...turn.outcome, lockWaitMs };
      }
      try {
        const outcome = await this.takeTurn(turn.lease, request, isFirstTurn);
        if (outcome !== undefined) {
          return { ...outcome, lockWaitMs };
        }
      } finally {
        await turn.lease.release();
      }
    }
  }

  /** A token that another instance wrote to the store. Reads only, so no pause or budget applies. */
  find(wanted: WantedToken): Promise<AcquiredToken | undefined> {
    return this.#parts.lookup.findToken(wanted);
  }

  /** Writes the token in hand for the other instances, unless the store has a later one. */
  async republish(token: AcquiredToken): Promise<void> {
    const { records, lock, config } = this.#parts;
    // The holder of the lock is about to store a newer one.
    const lease = (await lock.tryAcquire(records.lockKey, config.timeouts.lock))?.lease;
    if (lease === undefined) {
      return;
    }
    try {
      const stored = await records.readToken();
      if (stored === undefined || stored.requestedAt < token.requestedAt) {
        await records.writeToken(token);
      }
    } finally {
      await lease.release();
    }
  }

  /**
   * @param canStartOver whether to return `undefined`, to take another turn, if this one is too late
   */
  private async takeTurn(
    lease: LockLease,
    request: AcquisitionRequest,
    canStartOver: boolean,
  ): Promise<Outcome | undefined> {
    const { budget, lookup, records, tokenFetch } = this.#parts;
    const counted = countedToken(request);
    // Other instances may have written between the read and the lock.
    const [token, stored] = await Promise.all([
      lookup.findToken(request),
      lookup.findFailure(),
      counted && budget.update(),
    ]);
    if (token !== undefined) {
      return { kind: 'token', token };
    }
    if (stored?.forbids === true) {
      return { kind: 'failed', failure: stored.failure };
    }
    if (canStartOver && this.isTooLate(lease)) {
      return undefined;
    }
    if (counted !== undefined && !(await budget.tryTake(counted.mayOverdraw))) {
      return { kind: 'budget-exhausted', inHand: counted.token };
    }
    const outcome = await tokenFetch.fetch(lease, request);
    if (outcome.kind !== 'token') {
      await (counted && budget.untake());
    } else if (stored !== undefined) {
      await records.removeFailure();
    }
    return outcome;
  }

  /** Whether the process was delayed so long that the lock would end before its request. */
  private isTooLate(lease: LockLease): boolean {
    const { config, records } = this.#parts;
    const { lock, tokenRequest } = config.timeouts;
    return lease !== NO_LEASE && !records.isLost && lease.ageMs > lock - tokenRequest;
  }
}

/** The token in hand, if only a 401 speaks against it: the budget then counts the request. */
function countedToken({ inHand }: AcquisitionRequest): TokenInHand | undefined {
  return inHand?.isCounted === true ? inHand : undefined;
}
