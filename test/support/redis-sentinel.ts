import { until } from './until.js';
import { RedisServer } from './redis-server.js';

const NAME = 'quiqup';

/** A real master with a replica, and a sentinel that watches over them. */
export class RedisSentinel {
  readonly name = NAME;

  private constructor(
    readonly master: RedisServer,
    readonly replica: RedisServer,
    readonly sentinel: RedisServer,
  ) {}

  static async start(): Promise<RedisSentinel> {
    const master = await RedisServer.start({ options: ['--repl-diskless-sync-delay', '0'] });
    const replica = await RedisServer.start({ options: ['--replicaof', '127.0.0.1', String(master.port)] });
    const deployment = new RedisSentinel(master, replica, await RedisServer.start({ isSentinel: true }));
    const sentinel = (...args: string[]) => deployment.sentinel.command('SENTINEL', ...args);
    try {
      await sentinel('MONITOR', NAME, '127.0.0.1', String(master.port), '1');
      await sentinel('SET', NAME, 'down-after-milliseconds', '500');
      await sentinel('SET', NAME, 'failover-timeout', '2000');
      await until(
        async () =>
          (await replica.command('INFO', 'replication')).includes('master_link_status:up') &&
          (await sentinel('REPLICAS', NAME)).includes(String(replica.port)),
        'the sentinel knew the replica',
      );
    } catch (error) {
      await deployment.stop();
      throw error;
    }
    return deployment;
  }

  /** Kills the master; once the replica has taken its place. */
  async failOver(): Promise<void> {
    await this.master.kill();
    await until(
      async () => (await this.replica.command('ROLE')).startsWith('master'),
      'the replica had become the master',
    );
  }

  async stop(): Promise<void> {
    await Promise.all([this.sentinel, this.replica, this.master].map((server) => server.stop()));
  }
}
