import { Logger } from '@nestjs/common';
import type { QuiqupAuthConfig } from '../config/index.js';
import { QuiqupAuthError, QuiqupShutDownError, QuiqupTokenEndpointUnavailableError } from '../errors/index.js';
import type { AuthEvents } from './auth-events.js';
import { resolveCredentials, type Credentials } from './credentials.js';
import { fingerprintOf } from './fingerprint.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import type { RejectionBudget } from './rejection-budget.js';
import { RememberedFailure } from './remembered-failure.js';
import { pauseFor } from './settle-within.js';
import type { AcquiredToken, TokenAcquisition } from './token-acquisition.js';
import { rescheduleOf, scheduleOf } from './token-ages.js';
import { wallClock } from './wall-clock.js';

/** How often one flight asks while somebody needs a token. */
const TRIES = 3;
/** Answers held of late; an older copy of the store must not bring one of them back. */
const REMEMBERED_IDS = 16;

/**
 * The memory of this process: the token in hand, the one flight that fetches the next, and the last failure. Nobody
 * owns the flight; callers come and go.
 */
export class TokenRenewal {
  private readonly logger: Logger;
  private readonly closing = new AbortController();
  private readonly heldIds: string[] = [];
  private readonly askCredentials = (): Promise<Credentials> => resolveCredentials(this.config);
  private held: HeldToken | undefined;
  private refused = false;
  private flight: Promise<HeldToken> | undefined;
  private failure: RememberedFailure | undefined;
  private isAhead = true;

  /**
   * @param label what it is called in the log
   */
  constructor(
    private readonly config: QuiqupAuthConfig,
    private readonly acquisition: TokenAcquisition,
    private readonly budget: RejectionBudget,
    private readonly events: AuthEvents,
    readonly label: string,
  ) {
    this.logger = new Logger(label);
  }

  /** The token in hand, of whatever age. */
  get current(): HeldToken | undefined {
    return this.held;
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

  /** Whether a failure is so recent that the endpoint is not to be asked now. */
  get isBackingOff(): boolean {
    return performance.now() < this.retryAt;
  }

  /** When the token should be renewed though nobody waits for it, in monotonic ms. */
  get dueAt(): number {
    return Math.max(this.held?.staleAt ?? -Infinity, this.retryAt);
  }

  /** Quiqup answered 401 to this token: until the next flight has ended it is as good as spent. */
  markRefused(accessToken: string): void {
    this.refused ||= this.held?.accessToken === accessToken;
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

  /** Nothing is renewed ahead of time any more; calls are still answered, and fetch what they need. */
  stopAhead(): void {
    this.isAhead = false;
  }

  /** Ends the flight and with it everybody's wait; resolves once the lock is free. */
  async close(): Promise<void> {
    this.closing.abort(new QuiqupShutDownError('The application has shut down; no token is fetched any more.'));
    await this.flight?.catch(() => undefined);
    await this.acquisition.close();
    this.events.complete();
  }

  private get hasUsableToken(): boolean {
    return this.held !== undefined && !this.refused && performance.now() < this.held.servedUntil;
  }

  private get retryAt(): number {
    return this.failure?.retryAt(this.hasUsableToken ? this.held?.servedUntil : undefined) ?? -Infinity;
  }

  private async fly(cause: QuiqupRenewalCause): Promise<HeldToken> {
    const giveUpAt = performance.now() + this.config.timeouts.wait;
    for (let tries = 1; ; tries += 1) {
      await this.pauseAfterFailure(giveUpAt);
      let credentials: Credentials | undefined;
      try {
        credentials = await this.askCredentials();
        const acquired = await this.acquisition.acquire({
          credentials,
          isKnown: (id) => this.heldIds.includes(id),
          budget: cause === 'rejection' ? this.budget : undefined,
          closing: this.closing.signal,
        });
        if (acquired !== undefined) {
          return this.accept(acquired, cause);
        }
        this.reportSpentBudget();
        // Only a token in hand can have been rejected.
        return this.held as HeldToken;
      } catch (error) {
        this.closing.signal.throwIfAborted();
        const failure = asAuthError(error);
        await this.remember(failure, credentials, cause).liftIfCredentialsChanged(this.askCredentials);
        const isFinal = failure.retryable ? this.hasUsableToken : this.isBackingOff;
        if (isFinal || tries === TRIES) {
          throw failure;
        }
      }
    }
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

  private accept(acquired: AcquiredToken, cause: QuiqupRenewalCause): HeldToken {
    const { id, accessToken, source } = acquired;
    const now = performance.now();
    const previous = this.held?.accessToken === accessToken ? this.held : undefined;
    const schedule =
      previous === undefined
        ? scheduleOf(acquired, this.config.refresh, Math.random)
        : rescheduleOf(previous, acquired, now, this.config.refresh);
    const held: HeldToken = { id, accessToken, source, ...schedule };
    this.held = held;
    this.budget.paceBy(held.lifetimeMs);
    this.heldIds.push(id);
    this.heldIds.splice(0, this.heldIds.length - REMEMBERED_IDS);
    if (previous !== undefined && now >= held.servedUntil) {
      this.remember(
        new QuiqupTokenEndpointUnavailableError(
          'The token endpoint goes on answering with a token that has ended. It is asked again with growing pauses.',
        ),
        undefined,
        cause,
      );
    } else if (this.failure !== undefined) {
      this.failure = undefined;
      this.logger.log('The token endpoint issues tokens again.');
    }
    this.events.emit({
      type: source === 'store' ? 'adopted' : previous === undefined ? 'acquired' : 'reused',
      fingerprint: fingerprintOf(accessToken),
      cause,
      staleAt: wallClock(held.staleAt),
      spentAt: wallClock(held.spentAt),
      expiresAt: wallClock(held.expiresAt),
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

  private remember(
    error: QuiqupAuthError,
    refused: Credentials | undefined,
    cause: QuiqupRenewalCause,
  ): RememberedFailure {
    const isChange = this.failure?.error.code !== error.code;
    const failure = new RememberedFailure(error, refused, this.failure);
    this.failure = failure;
    if (isChange) {
      this.logger.warn(error.message);
    }
    this.events.emit({
      type: 'renewal-failed',
      cause,
      error,
      attempt: failure.attempt,
      nextAttemptAt: wallClock(this.retryAt),
    });
    return failure;
  }
}

/** Below this class everything fails typed; anything else is a defect, which must not end the schedule either. */
function asAuthError(error: unknown): QuiqupAuthError {
  return error instanceof QuiqupAuthError
    ? error
    : new QuiqupTokenEndpointUnavailableError('Fetching a token failed for an unforeseen reason; it is tried again.');
}
