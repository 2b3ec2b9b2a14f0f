import { Logger } from '@nestjs/common';

const logger = new Logger('QuiqupAuthStore');

/** What this floor writes to the log. No text holds a secret. */
export const storeLog = {
  lost: (reason: string): void =>
    logger.warn(`The token store does not answer (${reason}); going on from memory until it is back.`),
  back: (): void => logger.log('The token store is back.'),
  unreadable: (kind: string): void =>
    logger.warn(`The stored ${kind} could not be read (another version, or altered); it will be replaced.`),
  notShared: (): void =>
    logger.warn(
      'The given cache has no Redis store, so that instances cannot take turns at the token endpoint: those that need ' +
        'a token in the same moment may each ask for one. Give a cache with a store of @keyv/redis, or cache.redis.',
    ),
};
