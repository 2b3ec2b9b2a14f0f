import type { RedisServer } from '../../support/redis-server.js';
import { RubbishServer } from '../../support/rubbish-server.js';

/** Ends the outage. */
export type Restore = () => Promise<unknown>;

/** Something that happens to Redis. */
export type RedisOutage = (redis: RedisServer) => Promise<Restore>;

const PASSWORD = 'redis-password';

export const kill: RedisOutage = async (redis) => {
  await redis.kill();
  return () => redis.restart();
};

export const stop: RedisOutage = async (redis) => {
  redis.freeze();
  return async () => redis.thaw();
};

/** Reads continue with the present data. Writes are refused. */
export const makeReadOnly: RedisOutage = async (redis) => {
  // A replica without a master: nothing listens at port 1.
  await redis.command('REPLICAOF', '127.0.0.1', '1');
  return () => redis.command('REPLICAOF', 'NO', 'ONE');
};

/** Reads go on; nothing can be added. */
export const fill: RedisOutage = async (redis) => {
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1');
  return () => redis.command('CONFIG', 'SET', 'maxmemory', '0');
};

export const demandPassword: RedisOutage = async (redis) => {
  await redis.command('CONFIG', 'SET', 'requirepass', PASSWORD);
  const asUser = (...args: string[]) => redis.command('-a', PASSWORD, '--no-auth-warning', ...args);
  await asUser('CLIENT', 'KILL', 'TYPE', 'normal');
  return () => asUser('CONFIG', 'SET', 'requirepass', '');
};

/** Something else listens at its port. */
export const replaceByRubbish: RedisOutage = async (redis) => {
  await redis.kill();
  const rubbish = await RubbishServer.start(redis.port);
  return async () => {
    await rubbish.stop();
    await redis.restart();
  };
};
