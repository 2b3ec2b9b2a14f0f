import { Logger } from '@nestjs/common';
import type { QuiqupAuthError } from '../errors/index.js';

/** The log lines of this folder, for one account. No text holds a secret. */
export class TokenLog {
  private readonly logger: Logger;

  /**
   * @param label the account's name in the log
   */
  constructor(label: string) {
    this.logger = new Logger(label);
  }

  /** Confirms to a new user that the set-up works. */
  firstToken(validForS: number): void {
    this.logger.log(`Token acquired, valid for ${validForS} s.`);
  }

  renewalFailed(error: QuiqupAuthError): void {
    this.logger.warn(error.message);
  }

  worksAgain(): void {
    this.logger.log('The token endpoint issues tokens again.');
  }

  budgetExhausted(nextRequestAt: Date): void {
    this.logger.warn(
      'Quiqup answers 401 to calls with new tokens too. The module requests no token because of a 401 until ' +
        `${nextRequestAt.toISOString()}. Check that this client has the right for those calls.`,
    );
  }

  refusedSoon(streak: number): void {
    this.logger.warn(
      `Quiqup refused ${streak} tokens in a row soon after it had issued them. Usually another process or ` +
        'application uses the same client without sharing the token store: give all of them the same cache.redis, or ' +
        'each a client of its own.',
    );
  }
}
