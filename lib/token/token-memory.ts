import type { QuiqupAuthError } from '../errors/index.js';
import type { Random } from '../time/index.js';
import type { AcquiredToken, HeldToken, StoredToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import { RecentIds } from './recent-ids.js';
import { ageOf, rescheduleOf, scheduleOf, SHORTEST_LIFETIME_MS, type AgeRules, type TokenAge } from './token-ages.js';
import type { TokenFailure } from './token-failure.js';

/** How often an ended token is requested. A response that repeats it counts as news for as long. */
const NEWS_OF_ENDED_MS = 250;

/** The age of the token in hand; `none` without a token; `refused` if Quiqup refused it and the next is on its way. */
export type TokenPhase = 'none' | TokenAge | 'refused';

/** The token that a renewal looks for. */
export interface WantedToken {
  readonly cause: QuiqupRenewalCause;
  /** When the renewal began, in monotonic ms. */
  readonly since: number;
  /** Whether the renewal may send a request because of a 401 although the budget is exhausted. */
  readonly mayOverdraw: boolean;
}

/** How a renewal ended, in monotonic ms: with a token, or with the error. */
export interface RenewalEnd {
  readonly endedAt: number;
  readonly error?: QuiqupAuthError | undefined;
}

/**
 * The only mutable state of an account's token: the token in hand, whether Quiqup refused it, the last failure and
 * the ids it saw recently. It has no clock: every method takes the monotonic time.
 */
export class TokenMemory {
  private readonly seenTokens = new RecentIds();
  private readonly seenFailures = new RecentIds();
  /** A `#` field: nothing that prints this shows a token. */
  #held: HeldToken | undefined;
  private isRefused = false;
  private failure: TokenFailure | undefined;
  private isPauseCleared = false;
  private end: RenewalEnd | undefined;

  constructor(
    private readonly rules: AgeRules,
    private readonly random: Random,
  ) {}

  /** The token in hand, in any phase. */
  get held(): HeldToken | undefined {
    return this.#held;
  }

  /** The last failure; `undefined` once a token has come. */
  get lastFailure(): TokenFailure | undefined {
    return this.failure;
  }

  /** How the last renewal ended, or another instance's failure; `undefined` before the first. */
  get lastRenewal(): RenewalEnd | undefined {
    return this.end;
  }

  /** The one place that combines age, refusal and absence. An expired token is `expired`, refused or not. */
  phase(now: number): TokenPhase {
    if (this.#held === undefined) {
      return 'none';
    }
    const age = ageOf(this.#held, now);
    return this.isRefused && age !== 'expired' ? 'refused' : age;
  }

  /** The token in hand if a call may be sent with it. */
  usable(now: number): HeldToken | undefined {
    switch (this.phase(now)) {
      case 'fresh':
      case 'stale':
      case 'expiring':
        return this.#held;
      default:
        return undefined;
    }
  }

  /** Until when a failure forbids a token request, in monotonic ms; `-Infinity` if none does. */
  retryAt(now: number): number {
    return this.failure === undefined || this.isPauseCleared
      ? -Infinity
      : this.failure.retryAt(this.usable(now)?.usableUntil);
  }

  /** Whether a recent failure forbids a token request now. */
  isBackingOff(now: number): boolean {
    return now < this.retryAt(now);
  }

  /**
   * When the token should be renewed in the background, in monotonic ms.
   *
   * @param isAlone whether the instances cannot see each other; they must not each get a token while one is good
   */
  dueAt(now: number, isAlone: boolean): number {
    const held = this.#held;
    const retryAt = this.retryAt(now);
    return held === undefined ? retryAt : Math.max(isAlone ? held.expiringAt : held.staleAt, retryAt);
  }

  /**
   * Whether a token in the store is better than the one in hand for this renewal: it was requested later,
   * or the one in hand has ended and it has not.
   */
  isUsable(found: StoredToken, { cause, since }: WantedToken, now: number): boolean {
    if (this.seenTokens.has(found.id) || (cause === 'refresh' && found.requestedAt < since)) {
      return false;
    }
    // A response that came while a caller waited serves that caller, even with a short lifetime.
    const isResponse = found.writtenAt >= since;
    const isAlive = now < found.requestedAt + Math.max(found.lifetimeMs, SHORTEST_LIFETIME_MS);
    if (this.#held?.accessToken === found.accessToken) {
      return isResponse || this.isUsableRepeat(found, cause, now);
    }
    return (isResponse || isAlive) && (!this.hasLife(now) || found.requestedAt >= (this.#held?.requestedAt ?? 0));
  }

  /** The same token again, from a server that reuses tokens. Not after a 401: the token would get another 401. */
  private isUsableRepeat(found: StoredToken, cause: QuiqupRenewalCause, now: number): boolean {
    const isWanted = cause !== 'rejection' && !this.isRefused;
    return isWanted && (now < found.requestedAt + found.lifetimeMs || now < found.writtenAt + NEWS_OF_ENDED_MS);
  }

  /** Whether the token in hand has not ended, refused or not. If it was revoked, an older one was revoked as well. */
  private hasLife(now: number): boolean {
    const phase = this.phase(now);
    return phase !== 'none' && phase !== 'expired';
  }

  /** Quiqup answered 401 to this token: calls wait for the next renewal, as with an expiring token. */
  refuse(accessToken: string): void {
    this.isRefused ||= this.#held?.accessToken === accessToken;
  }

  /** A renewal has ended: for the moment, no better token is available. */
  forgiveRefusal(): void {
    this.isRefused = false;
  }

  /** Takes a token in hand. Returns it, and whether it is the former token again. */
  accept(acquired: AcquiredToken, now: number): { readonly held: HeldToken; readonly isRepeat: boolean } {
    const former = this.#held?.accessToken === acquired.accessToken ? this.#held : undefined;
    const schedule =
      former === undefined
        ? scheduleOf(acquired, now, this.rules, () => this.random.next())
        : rescheduleOf(former, acquired, now, this.rules);
    const held: HeldToken = { ...acquired, ...schedule };
    this.#held = held;
    this.seenTokens.add(held.id);
    return { held, isRepeat: former !== undefined };
  }

  /** A renewal succeeded. */
  clearFailure(now: number): void {
    this.failure = undefined;
    this.end = { endedAt: now };
  }

  /** A renewal failed. */
  remember(failure: TokenFailure, now: number): void {
    this.failure = failure;
    this.isPauseCleared = false;
    this.end = { endedAt: now, error: failure.error };
  }

  /**
   * Another instance's failure counts once, like a failure of this instance.
   *
   * @returns whether it forbids a token request now
   */
  adoptFailure(failure: TokenFailure, now: number): boolean {
    if (this.failure?.id === failure.id || this.seenFailures.has(failure.id)) {
      return false;
    }
    this.seenFailures.add(failure.id);
    // Also after its pause: the next failure counts on from it.
    this.failure = failure;
    this.isPauseCleared = false;
    return this.isBackingOff(now);
  }

  /** The cause of the last failure may be gone: a token request is allowed at once. */
  clearPause(): void {
    this.isPauseCleared = true;
  }

  /** The cause of the last failure is gone. */
  forgetFailure(): void {
    this.failure = undefined;
  }
}
