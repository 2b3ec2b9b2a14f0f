import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A real `redis-server` on a free port, that keeps nothing. */
export class Redis {
  #child;

  static async start() {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    const redis = new Redis();
    redis.port = port;
    redis.url = `redis://127.0.0.1:${port}`;
    await redis.#restart();
    return redis;
  }

  async #restart() {
    const options = ['--bind', '127.0.0.1', '--port', String(this.port), '--save', '', '--appendonly', 'no'];
    this.#child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(this.#child);
    let output = '';
    for await (const chunk of this.#child.stdout) {
      output += String(chunk);
      if (output.includes('Ready to accept connections')) {
        break;
      }
    }
    if (!output.includes('Ready to accept connections')) {
      throw new Error(`redis-server did not start:\n${output}`);
    }
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
    this.#child.kill('SIGSTOP');
  }

  async stop() {
    running.delete(this.#child);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
  }
}
