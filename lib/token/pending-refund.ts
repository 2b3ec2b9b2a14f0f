import type { Clock } from '../time/index.js';
import type { RejectionBudget } from './rejection-budget.js';

/** A token that was handed out and not refused for so long was accepted. */
const ACCEPTED_AFTER_MS = 1_000;

interface ExpectedRefund {
  readonly accessToken: string;
  /** Whether the call that caused the request is sent again, so that its own outcome decides. */
  readonly isReplayed: boolean;
  /** When the token was first handed out, in monotonic ms. */
  handedOutAt?: number;
}

/**
 * The refund of the last request that a 401 caused. Where the refused call is sent again, its outcome decides. Where
 * that is not seen (a body that can be read once, the public `reject`), the token counts as accepted once another call
 * was accepted with it, or once it was handed out and nobody has rejected it for a second.
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

  /** Some call was accepted with the token. */
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

  /** The token is refused: late enough after it was handed out, it had been accepted until then. */
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
