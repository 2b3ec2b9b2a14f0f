import type { LockLease, RefreshLock } from '../store/index.js';
import { pauseFor, type Clock, type Random } from '../time/index.js';
import type { AcquisitionRequest, Outcome } from './acquisition-outcome.js';
import type { SharedLookup } from './shared-lookup.js';
import type { SharedRecords } from './shared-records.js';

/** The right to ask the endpoint, or the outcome that made it needless. */
export type Turn =
  { readonly kind: 'turn'; readonly lease: LockLease } | { readonly kind: 'over'; readonly outcome: Outcome };

/** How often the store is looked at while another instance asks the endpoint; half of it fixed and half random. */
const POLL_MS = 100;

/** Most token requests take less. */
const LEFT_FOR_REQUEST_MS = 1_000;

/** For those who ask without the lock: theirs has ended from the start. */
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
   * The lock, or what its holder brought meanwhile. Nobody waits for a holder longer than a lock lives after it was seen,
   * by this process's clock, nor for more than two: when a holder dies, all who wait see its lock end at the same time, and
   * whoever takes it over asks for all of them. Nor longer in all than leaves the callers time for the request, whoever
   * takes the lock.
   */
  async wait(request: AcquisitionRequest): Promise<Turn> {
    const { lock, records, clock, random, lockLifeMs, callWaitMs } = this.#parts;
    const startedAt = clock.now();
    let giveUpAt = startedAt + lockLifeMs;
    const lastAt = Math.max(giveUpAt, startedAt + callWaitMs - LEFT_FOR_REQUEST_MS);
    const holders = new Set<string>();
    for (;;) {
      // Before the command is sent: one that is sent later finds the lock ended.
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

  /** What the holder of the lock has brought. */
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
