import { pauseFor, type Clock } from '../time/index.js';
import type { CredentialsSource } from './credentials.js';
import type { HeldToken } from './held-token.js';
import type { RenewalOutcomes } from './renewal-outcomes.js';
import type { TokenAcquisition } from './token-acquisition.js';
import type { TokenMemory, WantedToken } from './token-memory.js';

/** How often, after a permanent failure, the credentials are asked for again to see whether they have changed. */
const CREDENTIALS_CHECK_MS = 1_000;
/** How often the store is looked at while a failure forbids to ask the endpoint. */
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

/** The time after a failure in which the endpoint must not be asked. */
export class FailurePause {
  /** A `#` field: the memory among them holds the token and must not be printed. */
  readonly #parts: FailurePauseParts;
  private credentialsCheckedAt = -Infinity;

  constructor(parts: FailurePauseParts) {
    this.#parts = parts;
  }

  /**
   * Waits while the last failure forbids to ask the endpoint. It does not forbid to look into the store.
   *
   * @returns the token that another instance has got meanwhile
   * @throws the last failure, while it forbids to ask for longer than a call would wait
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

  /** Ends the pause after a permanent failure when the client id or secret differ from what was refused. */
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
