import { QuiqupTokenEndpointUnavailableError } from '../errors/index.js';
import { dateAt, type Clock, type Random } from '../time/index.js';
import { asAuthError } from './as-auth-error.js';
import type { AuthEvents } from './auth-events.js';
import { fingerprintOf } from './fingerprint.js';
import type { AcquiredToken, HeldToken } from './held-token.js';
import type { RejectionBudget } from './rejection-budget.js';
import { TokenFailure } from './token-failure.js';
import type { TokenLog } from './token-log.js';
import type { TokenMemory, WantedToken } from './token-memory.js';

export interface RenewalOutcomesParts {
  readonly memory: TokenMemory;
  readonly budget: RejectionBudget;
  readonly events: AuthEvents;
  readonly log: TokenLog;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keeps the outcome of each renewal in memory, and reports it to the log and the events. */
export class RenewalOutcomes {
  readonly #parts: RenewalOutcomesParts;
  /** The code of the failure that was logged last; `undefined` once the recovery was logged. */
  private loggedFailure: string | undefined;

  constructor(parts: RenewalOutcomesParts) {
    this.#parts = parts;
  }

  accept(acquired: AcquiredToken, { cause }: WantedToken, lockWaitMs: number): HeldToken {
    const { memory, budget, events, clock } = this.#parts;
    const now = clock.now();
    const { held, isRepeat } = memory.accept(acquired, now);
    budget.paceBy(held.lifetimeMs);
    if (isRepeat && now >= held.usableUntil) {
      const error = new QuiqupTokenEndpointUnavailableError(
        'The token endpoint keeps returning a token that has ended. The module repeats the request with growing pauses.',
      );
      this.fail(error, { cause });
    } else {
      memory.clearFailure(now);
      this.logRecovery();
    }
    events.emit({
      type: held.source === 'store' ? 'adopted' : isRepeat ? 'reused' : 'acquired',
      fingerprint: fingerprintOf(held.accessToken),
      cause,
      staleAt: dateAt(clock, held.staleAt),
      expiringAt: dateAt(clock, held.expiringAt),
      expiresAt: dateAt(clock, held.expiresAt),
      lockWaitMs,
    });
    return held;
  }

  /** This instance failed, before or after its request. */
  fail(error: unknown, { cause }: Pick<WantedToken, 'cause'>): TokenFailure {
    const { memory, clock, random } = this.#parts;
    const before = memory.lastFailure;
    return this.remember(TokenFailure.at(clock.now(), asAuthError(error), { before, random }), { cause });
  }

  /** A failure of this instance or of another. */
  remember(failure: TokenFailure, { cause }: Pick<WantedToken, 'cause'>): TokenFailure {
    const { memory, events, log, clock } = this.#parts;
    const { error, attempt } = failure;
    const now = clock.now();
    memory.remember(failure, now);
    if (this.loggedFailure !== error.code) {
      this.loggedFailure = error.code;
      log.renewalFailed(error);
    }
    const nextAttemptAt = dateAt(clock, memory.retryAt(now));
    events.emit({ type: 'renewal-failed', cause, error, attempt, nextAttemptAt });
    return failure;
  }

  reportExhaustedBudget(): void {
    const { budget, events, log, clock } = this.#parts;
    if (!budget.shouldReport()) {
      return;
    }
    const nextRequestAt = dateAt(clock, budget.nextAt);
    log.budgetExhausted(nextRequestAt);
    events.emit({ type: 'budget-exhausted', nextRequestAt });
  }

  private logRecovery(): void {
    if (this.loggedFailure !== undefined) {
      this.loggedFailure = undefined;
      this.#parts.log.worksAgain();
    }
  }
}
