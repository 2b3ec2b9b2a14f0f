import type { QuiqupAuthError } from '../errors/index.js';
import type { Random } from '../time/index.js';
import type { AcquiredToken, HeldToken, StoredToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import { RecentIds } from './recent-ids.js';
import { ageOf, rescheduleOf, scheduleOf, SHORTEST_LIFETIME_MS, type AgeRules, type TokenAge } from './token-ages.js';
import type { TokenFailure } from './token-failure.js';

/** An ended token is requested this often; a response that brings it counts as long. */
const NEWS_OF_ENDED_MS = 250;

/** The age of the token in hand, or that there is none, or that Quiqup refused it and the next is on its way. */
export type TokenPhase = 'none' | TokenAge | 'refused';

/** What a renewal looks for. */
export interface WantedToken {
  readonly cause: QuiqupRenewalCause;
  /** When the renewal began, in monotonic ms. */
  readonly since: number;
  /** Whether the endpoint is asked because of a 401 though the budget is exhausted. */
  readonly mayOverdraw: boolean;
}

/** How a renewal ended, in monotonic ms: with a token, or with the error. */
export interface RenewalEnd {
  readonly endedAt: number;
  readonly error?: QuiqupAuthError | undefined;
}

/**
 * The only mutable state of an account's token: the token in hand, whether Quiqup refused it, the last failure, and
 * the ids seen of late. It has no clock: every method takes the monotonic time.
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

  /** The token in hand, of whatever phase. */
  get held(): HeldToken | undefined {
    return this.#held;
  }

  /** The last failure, until a token comes. */
  get lastFailure(): TokenFailure | undefined {
    return this.failure;
  }

  /** How the last renewal ended, another instance's failure included; `undefined` before the first. */
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

  /** Until when a failure forbids to ask the endpoint, in monotonic ms; `-Infinity` when none does. */
  retryAt(now: number): number {
    return this.failure === undefined || this.isPauseCleared
      ? -Infinity
      : this.failure.retryAt(this.usable(now)?.usableUntil);
  }

  /** Whether a failure is so recent that the endpoint is not to be asked now. */
  isBackingOff(now: number): boolean {
    return now < this.retryAt(now);
  }

  /**
   * When the token should be renewed though nobody waits for it, in monotonic ms.
   *
   * @param isAlone instances that cannot see each other should not each get a token of their own while one is good
   */
  dueAt(now: number, isAlone: boolean): number {
    const held = this.#held;
    const retryAt = this.retryAt(now);
    return held === undefined ? retryAt : Math.max(isAlone ? held.expiringAt : held.staleAt, retryAt);
  }

  /**
   * Whether a token in the store is better than the one in hand, for what this renewal is about: it was requested later,
   * or the one in hand has ended and it has not.
   */
  isUsable(found: StoredToken, { cause, since }: WantedToken, now: number): boolean {
    if (this.seenTokens.has(found.id) || (cause === 'refresh' && found.requestedAt < since)) {
      return false;
    }
    // A response that came while somebody waited for it serves them, however short its life.
    const isResponse = found.writtenAt >= since;
    const isAlive = now < found.requestedAt + Math.max(found.lifetimeMs, SHORTEST_LIFETIME_MS);
    if (this.#held?.accessToken === found.accessToken) {
      return isResponse || this.isUsableRepeat(found, cause, now);
    }
    return (isResponse || isAlive) && (!this.hasLife(now) || found.requestedAt >= (this.#held?.requestedAt ?? 0));
  }

  /** The same token again, from a server that reuses tokens: not after a 401, which it would only get once more. */
  private isUsableRepeat(found: StoredToken, cause: QuiqupRenewalCause, now: number): boolean {
    const isWanted = cause !== 'rejection' && !this.isRefused;
    return isWanted && (now < found.requestedAt + found.lifetimeMs || now < found.writtenAt + NEWS_OF_ENDED_MS);
  }

  /** Whether the token in hand has not ended, refused or not: an older one was hardly spared what ended this one. */
  private hasLife(now: number): boolean {
    const phase = this.phase(now);
    return phase !== 'none' && phase !== 'expired';
  }

  /** Quiqup answered 401 to this token: until the next renewal has ended it is as good as expiring. */
  refuse(accessToken: string): void {
    this.isRefused ||= this.#held?.accessToken === accessToken;
  }

  /** A renewal has ended. Whatever it brought, there is nothing better to be had for the moment. */
  forgiveRefusal(): void {
    this.isRefused = false;
  }

  /** Takes a token in hand; returns it, and whether it is the former one again. */
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

  /** A renewal ended well. */
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
   * Another instance has failed: it counts as if this one had, once.
   *
   * @returns whether it forbids to ask now
   */
  adoptFailure(failure: TokenFailure, now: number): boolean {
    if (this.failure?.id === failure.id || this.seenFailures.has(failure.id)) {
      return false;
    }
    this.seenFailures.add(failure.id);
    // Also when its pause has passed: the next to fail counts on from it.
    this.failure = failure;
    this.isPauseCleared = false;
    return this.isBackingOff(now);
  }

  /** The cause of the last failure may be gone: the endpoint may be asked at once. */
  clearPause(): void {
    this.isPauseCleared = true;
  }

  /** The cause of the last failure is gone. */
  forgetFailure(): void {
    this.failure = undefined;
  }
}
