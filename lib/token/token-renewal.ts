import { Logger } from '@nestjs/common';
import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupAuthError, QuiqupShutDownError, QuiqupTokenEndpointUnavailableError } from '../errors/index.js';
import type { AuthEvents } from './auth-events.js';
import type { Credentials, CredentialsSource } from './credentials.js';
import { fingerprintOf } from './fingerprint.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import type { RejectionBudget } from './rejection-budget.js';
import { RememberedFailure } from './remembered-failure.js';
import { pauseFor } from './settle-within.js';
import type { StoredRecord } from '../store/index.js';
import type { AcquiredToken, FoundToken, TokenAcquisition } from './token-acquisition.js';
import { ageOf, rescheduleOf, scheduleOf, SHORTEST_LIFETIME_MS } from './token-ages.js';
import { wallClock } from './wall-clock.js';

/** How often one flight asks while somebody needs a token. */
const TRIES = 3;
/** Answers held and failures heard of late; an older copy of the store must not bring one of them back. */
const REMEMBERED_IDS = 16;
/** A token that has ended is asked for this often; an answer with it counts as long. */
const NEWS_OF_ENDED_MS = 250;

/** How a renewal ended, in monotonic ms: with a token, or with the error. */
export interface RenewalEnd {
  readonly endedAt: number;
  readonly error?: QuiqupAuthError | undefined;
}

/**
 * The memory of this process: the token in hand, the one flight that fetches the next, and the last failure. Nobody
 * owns the flight; callers come and go.
 */
export class TokenRenewal {
  private readonly logger: Logger;
  private readonly closing = new AbortController();
  private readonly heldIds: string[] = [];
  private readonly heardFailures: string[] = [];
  /** Private in earnest: nothing that prints this finds a token here. */
  #held: HeldToken | undefined;
  private refused = false;
  private flight: Promise<HeldToken> | undefined;
  private failure: RememberedFailure | undefined;
  private lastEnd: RenewalEnd | undefined;
  private isAhead = true;
  /** Whether the log's last word was of a failure. */
  private isTroubled = false;

  /**
   * @param askCredentials asked before each token request
   * @param label what it is called in the log
   */
  constructor(
    private readonly config: QuiqupSharedConfig,
    private readonly askCredentials: CredentialsSource,
    private readonly acquisition: TokenAcquisition,
    private readonly budget: RejectionBudget,
    private readonly events: AuthEvents,
    readonly label: string,
  ) {
    this.logger = new Logger(label);
  }

  /** The token in hand, of whatever age. */
  get current(): HeldToken | undefined {
    return this.#held;
  }

  /** Whether a flight is under way. */
  get isRunning(): boolean {
    return this.flight !== undefined;
  }

  /** Whether Quiqup refused the token in hand and the next is on its way. */
  get isRefused(): boolean {
    return this.refused;
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** How the last renewal ended, another instance's failure included; `undefined` before the first. */
  get lastRenewal(): RenewalEnd | undefined {
    return this.lastEnd;
  }

  /** Whether a failure is so recent that the endpoint is not to be asked now. */
  get isBackingOff(): boolean {
    return performance.now() < this.retryAt;
  }

  /** Until when a failure forbids to ask the endpoint, in monotonic ms; `-Infinity` when none does. */
  get retryAt(): number {
    return this.failure?.retryAt(this.neededAt) ?? -Infinity;
  }

  /** When the token should be renewed though nobody waits for it, in monotonic ms. */
  get dueAt(): number {
    const held = this.#held;
    if (held === undefined) {
      return this.retryAt;
    }
    // Instances that cannot see each other should not each get a token of their own while one is good.
    return Math.max(this.acquisition.isAlone ? held.spentAt : held.staleAt, this.retryAt);
  }

  /** Quiqup answered 401 to this token: until the next flight has ended it is as good as spent. */
  markRefused(accessToken: string): void {
    this.refused ||= this.#held?.accessToken === accessToken;
  }

  /** Joins the flight under way, or starts one. */
  renew(cause: QuiqupRenewalCause): Promise<HeldToken> {
    if (this.flight === undefined) {
      this.flight = this.fly(cause).finally(() => {
        this.flight = undefined;
        // Whatever came of it, there is nothing better to be had for the moment.
        this.refused = false;
      });
      // A failure that nobody waits for is remembered, not unhandled.
      this.flight.catch(() => undefined);
    }
    return this.flight;
  }

  /** Joins a flight that began after this call, or starts one. */
  async renewAnew(cause: QuiqupRenewalCause): Promise<HeldToken> {
    await this.flight?.catch(() => undefined);
    return this.renew(cause);
  }

  /** Starts the renewal that nobody waits for, if it is due. */
  renewAhead(): void {
    if (this.isAhead && !this.isRunning && !this.isClosed && performance.now() >= this.dueAt) {
      void this.renew('schedule');
    }
  }

  /** Somebody says that the cause of the last failure is gone. */
  forgetFailure(): void {
    this.failure = undefined;
  }

  /** Resolves once no flight is under way. */
  async settled(): Promise<void> {
    await this.flight?.catch(() => undefined);
  }

  /** Nothing is renewed ahead of time any more; calls are still answered, and fetch what they need. */
  stopAhead(): void {
    this.isAhead = false;
    this.acquisition.leaveClosed();
  }

  /** A call was accepted that a token had been fetched for because of a 401. */
  async giveBack(): Promise<void> {
    await this.acquisition.giveBack(this.budget);
  }

  /** The store is back: the token in hand is put where others find it, and rejections find out who has the better one. */
  async reunite(): Promise<void> {
    const held = this.#held;
    // Two halves of a fleet may have replaced each other's token.
    this.budget.putBack();
    if (held !== undefined && !this.refused && ageOf(held, performance.now()) === 'fresh') {
      await this.acquisition.share({ ...held, askedAt: held.expiresAt - held.lifetimeMs });
    }
  }

  /** Ends the flight and with it everybody's wait; resolves once the lock is free. */
  async close(): Promise<void> {
    this.closing.abort(new QuiqupShutDownError('The application has shut down; no token is fetched any more.'));
    await this.settled();
    await this.acquisition.close();
    this.events.complete();
  }

  private get hasUsableToken(): boolean {
    return this.#held !== undefined && !this.refused && performance.now() < this.#held.servedUntil;
  }

  private get neededAt(): number | undefined {
    return this.hasUsableToken ? this.#held?.servedUntil : undefined;
  }

  private async fly(cause: QuiqupRenewalCause): Promise<HeldToken> {
    const beganAt = performance.now();
    const giveUpAt = beganAt + this.config.timeouts.wait;
    for (let tries = 1; ; tries += 1) {
      await this.pauseAfterFailure(giveUpAt);
      const outcome = await this.attempt(cause, beganAt);
      if (!(outcome instanceof RememberedFailure)) {
        return outcome;
      }
      await outcome.liftIfCredentialsChanged(this.askCredentials);
      const isFinal = outcome.retryable ? this.hasUsableToken : this.isBackingOff;
      if (isFinal || tries === TRIES) {
        throw outcome.error;
      }
    }
  }

  /** The token to be had now, which is the one in hand when nothing may be asked, or the failure, remembered. */
  private async attempt(cause: QuiqupRenewalCause, beganAt: number): Promise<HeldToken | RememberedFailure> {
    const held = this.#held;
    const { hasUsableToken, closing } = this;
    let credentials: Credentials;
    try {
      credentials = await this.askCredentials();
    } catch (error) {
      closing.signal.throwIfAborted();
      return this.remember(RememberedFailure.now(asAuthError(error), undefined, this.failure), cause);
    }
    const acquisition = await this.acquisition.acquire({
      credentials,
      isNews: (found) => this.isNews(found, cause, beganAt),
      mustPauseAfter: (failure) => this.hear(failure, credentials, cause),
      onFailure: (error) => {
        const failure = RememberedFailure.now(asAuthError(error), credentials, this.failure);
        const record = this.remember(failure, cause).toRecord();
        return record && { record, ttlMs: Math.max(0, failure.retryAt(undefined) - performance.now()) };
      },
      budget: cause === 'rejection' ? this.budget : undefined,
      isUrgent: !hasUsableToken,
      canWait: cause === 'schedule' && held !== undefined && hasUsableToken && performance.now() < held.spentAt,
      closing: closing.signal,
    });
    if (acquisition.token !== undefined) {
      return this.accept(acquisition.token, cause, acquisition.lockWaitMs);
    }
    if (acquisition.without === 'failed') {
      return this.failure as RememberedFailure;
    }
    if (acquisition.without === 'budget-spent') {
      this.reportSpentBudget();
    }
    // Only a token in hand can be rejected or wait.
    return held as HeldToken;
  }

  /** Whether a token in the store is better than the one in hand, for what this flight is about. */
  private isNews(found: FoundToken, cause: QuiqupRenewalCause, beganAt: number): boolean {
    const held = this.#held;
    const now = performance.now();
    if (this.heldIds.includes(found.id) || (cause === 'refresh' && found.askedAt < beganAt)) {
      return false;
    }
    // What was answered while somebody waited for it serves them, however short its life.
    const isAnswer = found.writtenAt >= beganAt;
    const endsAt = found.askedAt + Math.max(found.lifetimeMs, SHORTEST_LIFETIME_MS);
    if (held?.accessToken !== found.accessToken) {
      return isAnswer || now < endsAt;
    }
    // The same again, from a server that reuses tokens.
    if (cause === 'rejection' || this.refused) {
      return isAnswer;
    }
    return isAnswer || now < found.askedAt + found.lifetimeMs || now < found.writtenAt + NEWS_OF_ENDED_MS;
  }

  /** Another instance has failed: it counts as if this one had, once. */
  private hear(stored: StoredRecord<'failure'>, credentials: Credentials, cause: QuiqupRenewalCause): boolean {
    const { id } = stored.record;
    if (this.failure?.id === id || this.heardFailures.includes(id)) {
      return false;
    }
    this.heardFailures.push(id);
    this.heardFailures.splice(0, this.heardFailures.length - REMEMBERED_IDS);
    const failure = RememberedFailure.shared(stored, credentials);
    if (failure.retryAt(this.neededAt) <= performance.now()) {
      // The next to fail counts on from it.
      this.failure = failure;
      return false;
    }
    this.remember(failure, cause);
    return true;
  }

  /** @throws the last failure, while it forbids to ask for longer than a call would wait */
  private async pauseAfterFailure(giveUpAt: number): Promise<void> {
    this.closing.signal.throwIfAborted();
    await this.failure?.liftIfCredentialsChanged(this.askCredentials);
    const { failure, retryAt } = this;
    if (failure === undefined || !this.isBackingOff) {
      return;
    }
    if (!failure.retryable || retryAt > giveUpAt) {
      throw failure.error;
    }
    await pauseFor(retryAt - performance.now(), this.closing.signal);
  }

  private accept(acquired: AcquiredToken, cause: QuiqupRenewalCause, lockWaitMs: number): HeldToken {
    const { id, accessToken, source } = acquired;
    const now = performance.now();
    const previous = this.#held?.accessToken === accessToken ? this.#held : undefined;
    const schedule =
      previous === undefined
        ? scheduleOf(acquired, now, this.config.refresh, Math.random)
        : rescheduleOf(previous, acquired, now, this.config.refresh);
    const held: HeldToken = { id, accessToken, source, ...schedule };
    this.#held = held;
    this.budget.paceBy(held.lifetimeMs);
    this.heldIds.push(id);
    this.heldIds.splice(0, this.heldIds.length - REMEMBERED_IDS);
    if (previous !== undefined && now >= held.servedUntil) {
      const error = new QuiqupTokenEndpointUnavailableError(
        'The token endpoint goes on answering with a token that has ended. It is asked again with growing pauses.',
      );
      this.remember(RememberedFailure.now(error, undefined, this.failure), cause);
    } else {
      this.failure = undefined;
      this.lastEnd = { endedAt: now };
      if (this.isTroubled) {
        this.isTroubled = false;
        this.logger.log('The token endpoint issues tokens again.');
      }
    }
    this.events.emit({
      type: source === 'store' ? 'adopted' : previous === undefined ? 'acquired' : 'reused',
      fingerprint: fingerprintOf(accessToken),
      cause,
      staleAt: wallClock(held.staleAt),
      spentAt: wallClock(held.spentAt),
      expiresAt: wallClock(held.expiresAt),
      lockWaitMs,
    });
    return held;
  }

  private reportSpentBudget(): void {
    if (!this.budget.shouldReport()) {
      return;
    }
    const nextRequestAt = wallClock(this.budget.nextAt);
    this.logger.warn(
      'Quiqup goes on answering 401 to calls with new tokens, so that none is fetched because of a 401 until ' +
        `${nextRequestAt.toISOString()}. Check that this client has the right for those calls.`,
    );
    this.events.emit({ type: 'budget-spent', nextRequestAt });
  }

  private remember(failure: RememberedFailure, cause: QuiqupRenewalCause): RememberedFailure {
    const { error, attempt } = failure;
    const isChange = !this.isTroubled || this.failure?.error.code !== error.code;
    this.failure = failure;
    this.lastEnd = { endedAt: performance.now(), error };
    if (isChange) {
      this.isTroubled = true;
      this.logger.warn(error.message);
    }
    this.events.emit({ type: 'renewal-failed', cause, error, attempt, nextAttemptAt: wallClock(this.retryAt) });
    return failure;
  }
}

/** Below this class everything fails typed; anything else is a defect, which must not end the schedule either. */
function asAuthError(error: unknown): QuiqupAuthError {
  return error instanceof QuiqupAuthError
    ? error
    : new QuiqupTokenEndpointUnavailableError('Fetching a token failed for an unforeseen reason; it is tried again.');
}
