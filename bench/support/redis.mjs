import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RedisServer } from '../../playground/dist/redis/redis-server.js';

const run = promisify(execFile);

/** A real `redis-server` on a free port, that keeps nothing. */
export class Redis extends RedisServer {
  static start() {
    return new Redis({ neededBy: 'The benches' }).start();
  }

  async command(...args) {
    const { stdout } = await run('redis-cli', ['-e', '-h', '127.0.0.1', '-p', String(this.port), ...args]);
    return stdout.trim();
  }

  /** How many commands it was ever given, by its own count, without what connections and this count cost. */
  async commands() {
    const stats = await this.command('INFO', 'commandstats');
    return [...stats.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)]
      .filter(([, name]) => !/^(?:config|info|client|hello|command)/.test(name))
      .reduce((sum, [, , calls]) => sum + Number(calls), 0);
  }

  /** Connections stay open and nothing is answered. */
  freeze() {
    this.signal('SIGSTOP');
  }
}
