import { inOwnContext, type Clock } from '../time/index.js';
import type { AuthEvents } from './auth-events.js';
import { CallHistory } from './call-history.js';
import { fingerprintOf } from './fingerprint.js';
import type { HeldToken } from './held-token.js';
import { PendingRefund } from './pending-refund.js';
import type { QuiqupCallNotRecoveredEvent } from './quiqup-auth-event.js';
import type { RejectionBudget } from './rejection-budget.js';
import type { TokenLog } from './token-log.js';
import type { TokenMemory } from './token-memory.js';
import type { TokenRenewal } from './token-renewal.js';
import { TokenWait } from './token-wait.js';

/** A token to send a refused call again with. The caller reports the outcome here. */
export interface Replacement {
  readonly accessToken: string;
  /** The call was accepted with it. */
  accepted(): void;
  /** The call was refused with it as well, so the token was probably not the cause. */
  refused(): void;
}

/** How {@link TokenRecovery.replace} looks for another token. */
export interface RecoveryOptions {
  readonly signal?: AbortSignal | undefined;
  /** The kind of the refused call, such as `GET https://host/orders/:id`; `undefined` if unknown. */
  readonly call?: string | undefined;
  /** Whether the call is sent again with the other token and its outcome is reported. */
  readonly isReplayed?: boolean | undefined;
}

export interface RecoveryParts {
  readonly memory: TokenMemory;
  readonly renewal: TokenRenewal;
  readonly budget: RejectionBudget;
  readonly events: AuthEvents;
  readonly log: TokenLog;
  readonly clock: Clock;
  /** How long a caller waits for the other token, in ms. */
  readonly longestWaitMs: number;
}

/** What is known about a 401 before the search for another token. */
interface Refusal {
  readonly accessToken: string;
  /** Monotonic ms. */
  readonly at: number;
  readonly call: string | undefined;
  /** The token in hand, if it has not ended. */
  readonly former: HeldToken | undefined;
  /** Whether the token must have been revoked: the budget then counts the request but does not block it. */
  readonly mayOverdraw: boolean;
  readonly isReplayed: boolean;
}

/** A token that is refused sooner than this was probably not revoked by hand. */
const SOON_MS = 60_000;
const SUSPICIOUS_STREAK = 3;

/** Finds another token for calls that Quiqup answered with 401. */
export class TokenRecovery {
  readonly #parts: RecoveryParts;
  private readonly history = new CallHistory();
  readonly #refund: PendingRefund;
  /** Whether the last token that was requested despite an exhausted budget was refused as well. */
  private isOverdrawn = false;
  /** How many tokens in a row were refused soon after they were issued, though the next one was accepted. */
  private refusedSoon = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#refund = new PendingRefund(parts.budget, parts.clock);
  }

  /** Returns `undefined` if only the refused token is available. */
  async replace(refused: string, options: RecoveryOptions = {}): Promise<Replacement | undefined> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { memory, renewal, events, clock, longestWaitMs } = this.#parts;
    const refusal = this.judge(refused, options);
    events.emit({ type: 'rejected', fingerprint: fingerprintOf(refused) });
    const usable = memory.usable(clock.now());
    if (usable !== undefined && usable.accessToken !== refused) {
      return this.replacement(usable, refusal, undefined);
    }
    // One time limit for all renewals that the call may need.
    const wait = new TokenWait(renewal, { limitMs: longestWaitMs, signal, clock });
    const wasRunning = renewal.isRunning;
    let next = await this.fetch(refusal, wait);
    if (next.held.accessToken === refused && wasRunning) {
      // That flight may have got its response before the refusal, or it was not allowed to send a request.
      next = await this.fetch(refusal, wait);
    }
    if (next.held.accessToken !== refused) {
      return this.replacement(next.held, refusal, next.replaced);
    }
    if (next.replaced !== undefined) {
      this.noteNotToBlame(refusal);
    }
    return undefined;
  }

  /** A call was accepted, at first or after a 401. */
  accepted(accessToken: string, call: string): void {
    this.isOverdrawn = false;
    this.history.accept(call, this.#parts.clock.now());
    this.#refund.seeAccepted(accessToken);
  }

  /** A token was handed out to a caller whose calls are not seen here. */
  handedOut(accessToken: string): void {
    this.#refund.seeHandedOut(accessToken);
  }

  /** A call that needed {@link replace} is lost. */
  lost(reason: QuiqupCallNotRecoveredEvent['reason']): void {
    this.#parts.events.emit({ type: 'not-recovered', reason });
  }

  private judge(refused: string, { call, isReplayed = false }: RecoveryOptions): Refusal {
    const { memory, clock } = this.#parts;
    const { held } = memory;
    const now = clock.now();
    this.#refund.seeRefused(refused);
    const requestedAt = held?.accessToken === refused ? held.requestedAt : -Infinity;
    const verdict = call === undefined ? 'unknown' : this.history.refuse(call, requestedAt, now);
    // After its end a token is refused for its age, although a server that reuses tokens may still return it.
    const hasEnded = held === undefined || now >= held.expiresAt;
    return {
      accessToken: refused,
      at: now,
      call,
      former: hasEnded ? undefined : held,
      mayOverdraw: verdict === 'accepted' && !this.isOverdrawn,
      isReplayed,
    };
  }

  /** The next token, and the token that it replaced if this refusal alone caused the request. */
  private async fetch(
    refusal: Refusal,
    wait: TokenWait,
  ): Promise<{ readonly held: HeldToken; readonly replaced: HeldToken | undefined }> {
    const { memory, renewal, budget } = this.#parts;
    const { former, mayOverdraw } = refusal;
    // Calls that join get the same token. Only the first can tell whether its 401 justified the request.
    const isFirst = !renewal.isRunning;
    if (mayOverdraw || !budget.isExhausted) {
      memory.refuse(refusal.accessToken);
    }
    const held = await wait.renew(former === undefined ? 'call' : 'rejection', mayOverdraw);
    // With an exhausted budget this is the refused token, because no request was sent.
    const isRequested = held.source === 'endpoint' && held.requestedAt >= refusal.at;
    return { held, replaced: isFirst && isRequested ? former : undefined };
  }

  /**
   * @param replaced the refused token, if this refusal alone caused the request
   */
  private replacement(
    { accessToken, requestedAt }: HeldToken,
    refusal: Refusal,
    replaced: HeldToken | undefined,
  ): Replacement {
    const { events } = this.#parts;
    if (replaced !== undefined) {
      this.#refund.expect(accessToken, refusal.isReplayed);
    }
    return {
      accessToken,
      accepted: () =>
        inOwnContext(() => {
          events.emit({ type: 'recovered', fingerprint: fingerprintOf(accessToken) });
          if (replaced !== undefined) {
            this.#refund.pay(accessToken);
            this.suspectOthers(replaced);
          }
        }),
      refused: () => {
        if (replaced !== undefined) {
          this.#refund.cancel(accessToken);
        }
        // A token that was requested earlier may have been revoked together with the refused one.
        if (requestedAt >= refusal.at) {
          this.noteNotToBlame(refusal);
        }
      },
    };
  }

  /** Such a call is refused with another token as well, or the endpoint returned the refused token again. */
  private noteNotToBlame({ call, mayOverdraw }: Refusal): void {
    this.isOverdrawn ||= mayOverdraw;
    if (call !== undefined) {
      this.history.deny(call, this.#parts.clock.now());
    }
  }

  private suspectOthers({ expiresAt, lifetimeMs }: HeldToken): void {
    const ageMs = this.#parts.clock.now() - (expiresAt - lifetimeMs);
    this.refusedSoon = ageMs < Math.min(SOON_MS, lifetimeMs / 4) ? this.refusedSoon + 1 : 0;
    if (this.refusedSoon === SUSPICIOUS_STREAK) {
      this.#parts.log.refusedSoon(SUSPICIOUS_STREAK);
    }
  }
}
