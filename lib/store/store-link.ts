// Not the globals: these limits are for real input and output, also where an application's tests turn the clock.
import { Logger } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { withDeadline } from './deadline.js';
import type { StoreListener } from './store-state.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/** What a command brought. */
export interface CommandResult<T> {
  readonly value: T;
}

/**
 * The way to the store. Every command has a deadline, and after one that failed nothing is sent but a probe now and
 * then, so that nobody waits for a store that is not there. Reports only when it goes and when it comes back.
 */
export class StoreLink {
  private readonly logger = new Logger('QuiqupAuthStore');
  private lostAt: number | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private probedAt = -Infinity;
  private probing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  /** Counts the returns: what fails now may have been sent before the last one. */
  private returns = 0;

  /**
   * @param timeoutMs deadline of one command
   * @param probe tries everything that the store is used for; rejects when any of it fails
   * @param giveUp called when a probe failed
   */
  constructor(
    private readonly timeoutMs: number,
    private readonly listener: StoreListener,
    private readonly probe: () => Promise<void>,
    private readonly giveUp: () => Promise<void>,
  ) {}

  get isLost(): boolean {
    return this.lostAt !== undefined;
  }

  /** Since when it is lost, in monotonic ms. */
  get lostSince(): number | undefined {
    return this.lostAt;
  }

  /**
   * Sends a command. Never rejects: `undefined` when the store is lost, before or by this.
   *
   * @param onLost called when it was sent and no answer came in time or at all
   */
  async run<T>(command: () => Promise<T>, onLost?: () => void): Promise<CommandResult<T> | undefined> {
    if (this.isLost) {
      return undefined;
    }
    const { returns } = this;
    try {
      return { value: await this.inTime(command) };
    } catch (error) {
      onLost?.();
      if (returns === this.returns) {
        this.lose(error);
      }
      return undefined;
    }
  }

  /** Looks whether a lost store is back, unless that was tried within the last second. */
  async reach(): Promise<void> {
    if (this.isLost && performance.now() >= this.probedAt + FIRST_PAUSE_MS) {
      await this.tryAgain();
    }
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private inTime<T>(command: () => Promise<T>): Promise<T> {
    return withDeadline(Promise.resolve().then(command), this.timeoutMs);
  }

  private lose(error: unknown): void {
    if (this.isLost) {
      return;
    }
    this.lostAt = performance.now();
    this.pauseMs = FIRST_PAUSE_MS;
    this.probedAt = this.lostAt;
    const reason = error instanceof Error ? error.message : 'unknown error';
    this.logger.warn(`The token store does not answer (${reason}); going on from memory until it is back.`);
    this.listener({ type: 'store-lost', reason });
    this.probeLater();
  }

  private probeLater(): void {
    clearTimeout(this.timer);
    if (!this.isClosed) {
      this.timer = setTimeout(() => void this.tryAgain(), this.pauseMs);
      this.timer.unref();
    }
  }

  private tryAgain(): Promise<void> {
    this.probing ??= this.probeOnce().finally(() => {
      this.probing = undefined;
      this.probedAt = performance.now();
    });
    return this.probing;
  }

  private async probeOnce(): Promise<void> {
    try {
      await this.inTime(this.probe);
    } catch {
      await this.giveUp().catch(() => undefined);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
      this.probeLater();
      return;
    }
    clearTimeout(this.timer);
    this.lostAt = undefined;
    this.returns += 1;
    this.logger.log('The token store is back.');
    this.listener({ type: 'store-back' });
  }
}
