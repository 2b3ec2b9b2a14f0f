import type { LockLease, RefreshLock } from '../store/index.js';
import { pauseFor, type Clock, type Random } from '../time/index.js';
import type { AcquisitionRequest, Outcome } from './acquisition-outcome.js';
import type { SharedLookup } from './shared-lookup.js';
import type { SharedRecords } from './shared-records.js';

/** The right to send a token request, or an outcome that makes the request unnecessary. */
export type Turn =
  { readonly kind: 'turn'; readonly lease: LockLease } | { readonly kind: 'over'; readonly outcome: Outcome };

/** How often to read the store while another instance requests a token; half of it fixed and half random. */
const POLL_MS = 100;

/** Most token requests take less. */
const LEFT_FOR_REQUEST_MS = 1_000;

/** For requests without the lock: this lease has ended from the start. */
export const NO_LEASE: LockLease = { ageMs: Infinity, release: () => Promise.resolve() };

export interface TurnQueueParts {
  readonly records: SharedRecords;
  readonly lookup: SharedLookup;
  readonly lock: RefreshLock;
  /** How long a lock lives, in ms. */
  readonly lockLifeMs: number;
  /** How long a caller waits for a token, in ms. */
  readonly callWaitMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Waits for the turn of this instance at the token endpoint. */
export class TurnQueue {
  readonly #parts: TurnQueueParts;

  constructor(parts: TurnQueueParts) {
    this.#parts = parts;
  }

  /**
   * Returns the lock, or the outcome of its holder. No caller waits longer for a holder than a lock lives after it was
   * seen, by this process's clock, nor for more than two holders: when a holder dies, all waiting instances see its lock
   * end at the same time, and the instance that takes it over requests for all of them. The whole wait leaves the callers
   * time for the request.
   */
  async wait(request: AcquisitionRequest): Promise<Turn> {
    const { lock, records, clock, random, lockLifeMs, callWaitMs } = this.#parts;
    const startedAt = clock.now();
    let giveUpAt = startedAt + lockLifeMs;
    const lastAt = Math.max(giveUpAt, startedAt + callWaitMs - LEFT_FOR_REQUEST_MS);
    const holders = new Set<string>();
    for (;;) {
      // Taken before the command is sent: a command after the deadline finds the lock ended.
      const triedAt = clock.now();
      const attempt = records.isLost ? undefined : await lock.tryAcquire(records.lockKey, lockLifeMs);
      if (attempt === undefined) {
        return withoutLock(request);
      }
      if (attempt.lease !== undefined) {
        return { kind: 'turn', lease: attempt.lease };
      }
      if (attempt.heldBy !== null && !holders.has(attempt.heldBy)) {
        holders.add(attempt.heldBy);
        giveUpAt = holders.size <= 2 ? Math.min(clock.now() + lockLifeMs, lastAt) : giveUpAt;
      }
      if (triedAt >= giveUpAt) {
        return { kind: 'turn', lease: NO_LEASE };
      }
      await pauseFor(POLL_MS / 2 + (POLL_MS / 2) * random.next(), request.closing, clock);
      const outcome = await this.look(request);
      if (outcome !== undefined) {
        return { kind: 'over', outcome };
      }
    }
  }

  /** The outcome of the lock's holder, if there is one yet. */
  private async look(request: AcquisitionRequest): Promise<Outcome | undefined> {
    const { lookup } = this.#parts;
    const [token, stored] = await Promise.all([lookup.findToken(request), lookup.findFailure()]);
    if (token !== undefined) {
      return { kind: 'token', token };
    }
    return stored?.forbids === true ? { kind: 'failed', failure: stored.failure } : undefined;
  }
}

function withoutLock({ inHand }: AcquisitionRequest): Turn {
  return inHand?.canWait === true
    ? { kind: 'over', outcome: { kind: 'store-lost', inHand: inHand.token } }
    : { kind: 'turn', lease: NO_LEASE };
}
