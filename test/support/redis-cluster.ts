import { until } from './until.js';
import { RedisServer, redisCli } from './redis-server.js';

const MASTERS = 3;

/** A real Redis Cluster of three masters. */
export class RedisCluster {
  private constructor(readonly nodes: readonly RedisServer[]) {}

  static async start(): Promise<RedisCluster> {
    const options = ['--cluster-enabled', 'yes'];
    const nodes = await Promise.all(Array.from({ length: MASTERS }, () => RedisServer.start({ options })));
    const cluster = new RedisCluster(nodes);
    try {
      const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
      await redisCli(nodes[0]?.port ?? 0, '--cluster', 'create', ...addresses, '--cluster-yes');
      await until(
        async () =>
          (await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')))).every((info) =>
            info.includes('cluster_state:ok'),
          ),
        'the cluster was formed',
      );
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Of all nodes. */
  async keys(): Promise<string[]> {
    return (await Promise.all(this.nodes.map((node) => node.keys()))).flat();
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
