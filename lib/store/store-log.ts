import { Logger } from '@nestjs/common';

/** The log lines of this folder. No text holds a secret. */
export class StoreLog {
  private readonly logger: Logger;

  /** @param name the account's name; `undefined` if the store serves all accounts, or there is only one */
  constructor(name?: string) {
    this.logger = new Logger(name === undefined ? 'QuiqupAuthStore' : `QuiqupAuthStore:${name}`);
  }

  lost(reason: string): void {
    this.logger.warn(`The token store does not answer (${reason}). The module continues from memory until it is back.`);
  }

  back(): void {
    this.logger.log('The token store is back.');
  }

  unreadable(kind: string): void {
    this.logger.warn(`The stored ${kind} could not be read (another version, or altered); it will be replaced.`);
  }

  /** @param isMemory whether the cache certainly keeps its entries in this process */
  withoutRedis(isMemory: boolean): void {
    this.logger.warn(
      isMemory
        ? 'The given cache keeps its entries in the memory of this process. Instances share nothing, and each requests its ' +
            'own tokens. Give a cache with a store of @keyv/redis, or cache.redis.'
        : 'The given cache has no Redis store, so instances cannot lock the token endpoint: those that need a token at ' +
            'the same time may each request one. The token is shared through the last store of the ' +
            'cache, past any memory above it. Give a cache with a store of @keyv/redis, or cache.redis.',
    );
  }
}
