import type { QuiqupSharedConfig } from '../config/index.js';
import { QuiqupShutDownError } from '../errors/index.js';
import { inOwnContext, type Clock } from '../time/index.js';
import type { TokenInHand } from './acquisition-outcome.js';
import type { Credentials, CredentialsSource } from './credentials.js';
import { FailurePause } from './failure-pause.js';
import type { HeldToken } from './held-token.js';
import type { QuiqupRenewalCause } from './quiqup-auth-event.js';
import type { RejectionBudget } from './rejection-budget.js';
import type { RenewalOutcomes } from './renewal-outcomes.js';
import type { TokenAcquisition } from './token-acquisition.js';
import { TokenFailure } from './token-failure.js';
import type { TokenMemory, WantedToken } from './token-memory.js';

/** How many token requests one flight sends while a caller needs a token. */
const TRIES = 3;

export interface RenewalParts {
  readonly config: QuiqupSharedConfig;
  readonly memory: TokenMemory;
  readonly acquisition: TokenAcquisition;
  /** Called before each token request. */
  readonly askCredentials: CredentialsSource;
  readonly budget: RejectionBudget;
  readonly outcomes: RenewalOutcomes;
  readonly clock: Clock;
}

interface Flight {
  readonly wanted: WantedToken;
  readonly token: Promise<HeldToken>;
}

/** The one flight that acquires the next token, and its retries. No caller owns the flight: callers come and go. */
export class TokenRenewal {
  /** A `#` field: the memory in it holds the token and must not be printed. */
  readonly #parts: RenewalParts;
  private readonly closing = new AbortController();
  private flight: Flight | undefined;
  private readonly pause: FailurePause;
  private isAhead = true;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
    this.pause = new FailurePause({ ...parts, closing: this.closing.signal });
  }

  /** Whether a flight is under way. */
  get isRunning(): boolean {
    return this.flight !== undefined;
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** When the token should be renewed in the background, in monotonic ms. */
  get dueAt(): number {
    const { memory, acquisition, clock } = this.#parts;
    return memory.dueAt(clock.now(), acquisition.isAlone);
  }

  /** How long the flight under way has lasted, in ms; 0 if there is none. */
  get runningForMs(): number {
    return this.flight === undefined ? 0 : this.#parts.clock.now() - this.flight.wanted.since;
  }

  /**
   * Joins the flight under way, or starts one.
   *
   * @param mayOverdraw whether a new flight may send a request because of a 401 although the budget is exhausted
   */
  renew(cause: QuiqupRenewalCause, mayOverdraw = false): Promise<HeldToken> {
    const { flight } = this;
    if (flight?.wanted.cause === 'refresh' && cause !== 'refresh') {
      // A refresh does not accept a token that was there before; a caller that needs any token does.
      return flight.token.catch(() => this.renew(cause, mayOverdraw));
    }
    // The call that starts the flight does not own it, so the flight runs outside the call's async context.
    this.flight ??= inOwnContext(() => this.start({ cause, since: this.#parts.clock.now(), mayOverdraw }));
    return this.flight.token;
  }

  /** Joins a refresh that began after this call, or starts one. */
  async refresh(): Promise<HeldToken> {
    await this.settled();
    // A flight that began meanwhile for other callers may accept a token that was requested before this call.
    while (this.flight !== undefined && this.flight.wanted.cause !== 'refresh') {
      await this.settled();
    }
    return this.renew('refresh');
  }

  /** Starts the background renewal if it is due. */
  renewAhead(): void {
    if (this.isAhead && !this.isRunning && !this.isClosed && this.#parts.clock.now() >= this.dueAt) {
      void this.renew('schedule');
    }
  }

  /** Resolves once no flight is under way. */
  async settled(): Promise<void> {
    await this.flight?.token.catch(() => undefined);
  }

  /** Stops renewals ahead of time. Calls still work and cause the renewals that they need. */
  stopAhead(): void {
    this.isAhead = false;
  }

  /** The store is back: writes the token in hand for the other instances. */
  async republish(): Promise<void> {
    const { memory, acquisition, budget, clock } = this.#parts;
    // Two halves of a fleet may have replaced each other's token. Rejections show which token is good.
    budget.grant();
    const { held } = memory;
    if (held !== undefined && memory.phase(clock.now()) === 'fresh') {
      await acquisition.republish({ ...held, requestedAt: held.expiresAt - held.lifetimeMs });
    }
  }

  /** Ends the flight and the wait of all callers. Resolves once the lock is free. */
  async close(): Promise<void> {
    this.closing.abort(new QuiqupShutDownError('The application has shut down. The module fetches no more tokens.'));
    await this.settled();
  }

  private start(wanted: WantedToken): Flight {
    const token = this.renewWithRetries(wanted).finally(() => {
      this.flight = undefined;
      this.#parts.memory.forgiveRefusal();
    });
    // Without a waiting caller the failure is remembered, and must not be an unhandled rejection.
    token.catch(() => undefined);
    return { wanted, token };
  }

  private async renewWithRetries(wanted: WantedToken): Promise<HeldToken> {
    const { config, memory, clock } = this.#parts;
    const giveUpAt = wanted.since + config.timeouts.wait;
    for (let tries = 1; ; tries += 1) {
      const outcome = (await this.pause.wait(wanted, giveUpAt)) ?? (await this.attempt(wanted));
      if (!(outcome instanceof TokenFailure)) {
        return outcome;
      }
      await this.pause.endIfCredentialsChanged();
      const now = clock.now();
      const isFinal = outcome.retryable ? memory.usable(now) !== undefined : memory.isBackingOff(now);
      if (isFinal || tries === TRIES) {
        throw outcome.error;
      }
    }
  }

  /** Returns a token or the failure. If no request is allowed, it returns the token in hand. */
  private async attempt(wanted: WantedToken): Promise<HeldToken | TokenFailure> {
    const { memory, askCredentials, acquisition, outcomes, clock } = this.#parts;
    const inHand = this.inHand(wanted);
    let credentials: Credentials;
    try {
      credentials = await askCredentials();
    } catch (error) {
      this.closing.signal.throwIfAborted();
      return outcomes.fail(error, wanted);
    }
    const acquired = await acquisition.acquire({
      ...wanted,
      credentials,
      isUrgent: memory.usable(clock.now()) === undefined,
      inHand,
      closing: this.closing.signal,
    });
    switch (acquired.kind) {
      case 'token':
        return outcomes.accept(acquired.token, wanted, acquired.lockWaitMs);
      case 'failed':
        return outcomes.remember(acquired.failure, wanted);
      case 'budget-exhausted':
        outcomes.reportExhaustedBudget();
        break;
      case 'store-lost':
    }
    // The token in hand may have ended meanwhile; then a call needs the next one.
    return clock.now() < acquired.inHand.usableUntil ? acquired.inHand : this.attempt({ ...wanted, cause: 'call' });
  }

  private inHand({ cause, mayOverdraw }: WantedToken): TokenInHand | undefined {
    const { memory, clock } = this.#parts;
    const now = clock.now();
    const token = memory.held;
    const phase = memory.phase(now);
    return (
      token && {
        token,
        isCounted: cause === 'rejection',
        mayOverdraw,
        canWait: cause === 'schedule' && (phase === 'fresh' || phase === 'stale'),
      }
    );
  }
}
