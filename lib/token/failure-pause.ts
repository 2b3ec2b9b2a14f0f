import { pauseFor, type Clock } from '../time/index.js';
import type { CredentialsSource } from './credentials.js';
import type { HeldToken } from './held-token.js';
import type { RenewalOutcomes } from './renewal-outcomes.js';
import type { TokenAcquisition } from './token-acquisition.js';
import type { TokenMemory, WantedToken } from './token-memory.js';

/** How often to resolve the credentials after a permanent failure, to see whether they changed. */
const CREDENTIALS_CHECK_MS = 1_000;
/** How often to read the store while a failure forbids a token request. */
const LOOK_MS = 250;

export interface FailurePauseParts {
  readonly memory: TokenMemory;
  readonly acquisition: TokenAcquisition;
  readonly askCredentials: CredentialsSource;
  readonly outcomes: RenewalOutcomes;
  readonly clock: Clock;
  /** Aborted at the shutdown. */
  readonly closing: AbortSignal;
}

/** The time after a failure in which no token request is allowed. */
export class FailurePause {
  /** A `#` field: the memory in it holds the token and must not be printed. */
  readonly #parts: FailurePauseParts;
  private credentialsCheckedAt = -Infinity;

  constructor(parts: FailurePauseParts) {
    this.#parts = parts;
  }

  /**
   * Waits while the last failure forbids a token request. Meanwhile it reads the store.
   *
   * @returns the token that another instance got meanwhile, if any
   * @throws the last failure, if the pause is longer than a call would wait
   */
  async wait(wanted: WantedToken, giveUpAt: number): Promise<HeldToken | undefined> {
    const { memory, acquisition, outcomes, clock, closing } = this.#parts;
    closing.throwIfAborted();
    await this.endIfCredentialsChanged();
    for (;;) {
      const { lastFailure } = memory;
      const now = clock.now();
      const retryAt = memory.retryAt(now);
      if (lastFailure === undefined || now >= retryAt) {
        return undefined;
      }
      const found = await acquisition.find(wanted);
      if (found !== undefined) {
        return outcomes.accept(found, wanted, 0);
      }
      if (!lastFailure.retryable || retryAt > giveUpAt) {
        throw lastFailure.error;
      }
      await pauseFor(Math.min(retryAt - now, LOOK_MS), closing, clock);
    }
  }

  /** Ends the pause after a permanent failure if the client id or secret differ from the refused ones. */
  async endIfCredentialsChanged(): Promise<void> {
    const { memory, askCredentials, clock } = this.#parts;
    const now = clock.now();
    const failure = memory.lastFailure;
    if (failure === undefined || failure.retryable || now < this.credentialsCheckedAt + CREDENTIALS_CHECK_MS) {
      return;
    }
    this.credentialsCheckedAt = now;
    const current = await askCredentials().catch(() => undefined);
    if (current !== undefined && failure.refusedOthersThan(current)) {
      memory.clearPause();
    }
  }
}
