import type { Clock } from '../time/index.js';
import type { RejectionBudget } from './rejection-budget.js';

/** A token that was handed out and not refused for this long counts as accepted. */
const ACCEPTED_AFTER_MS = 1_000;

interface ExpectedRefund {
  readonly accessToken: string;
  /** Whether the call that caused the request is sent again, so its own outcome decides. */
  readonly isReplayed: boolean;
  /** When the token was first handed out, in monotonic ms. */
  handedOutAt?: number;
}

/**
 * The refund of the last request that a 401 caused. If the refused call is sent again, its outcome decides. If
 * the outcome is unknown (a body that can be read once, the public `reject`), the token counts as accepted once another
 * call was accepted with it, or one second after it was handed out without a rejection.
 */
export class PendingRefund {
  #expected: ExpectedRefund | undefined;

  constructor(
    private readonly budget: RejectionBudget,
    private readonly clock: Clock,
  ) {}

  expect(accessToken: string, isReplayed: boolean): void {
    this.#expected = { accessToken, isReplayed };
  }

  /** The call that caused the request was accepted. */
  pay(accessToken: string): void {
    if (this.#expected?.accessToken === accessToken) {
      this.#expected = undefined;
      void this.budget.refund();
    }
  }

  /** The call that caused the request was refused again. */
  cancel(accessToken: string): void {
    if (this.#expected?.accessToken === accessToken) {
      this.#expected = undefined;
    }
  }

  /** Any call was accepted with the token. */
  seeAccepted(accessToken: string): void {
    if (this.#expected?.isReplayed === false) {
      this.pay(accessToken);
    }
  }

  seeHandedOut(accessToken: string): void {
    if (this.#expected?.accessToken === accessToken) {
      this.#expected.handedOutAt ??= this.clock.now();
    }
  }

  /** The token is refused. If it was handed out long enough ago, it had been accepted until now. */
  seeRefused(accessToken: string): void {
    const expected = this.#expected;
    if (expected?.accessToken !== accessToken || expected.isReplayed) {
      return;
    }
    const { handedOutAt = Infinity } = expected;
    if (this.clock.now() - handedOutAt > ACCEPTED_AFTER_MS) {
      this.pay(accessToken);
    } else {
      this.cancel(accessToken);
    }
  }
}
