import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RedisServer as AnyRedisServer } from '../../playground/src/redis/redis-server.js';

export interface RedisServerOptions {
  /** More arguments of `redis-server`. */
  readonly options?: readonly string[];
  /** Whether it watches over other servers in place of keeping anything. */
  readonly isSentinel?: boolean;
}

const run = promisify(execFile);

/** The output of `redis-cli`. Rejects with the error of Redis. */
export async function redisCli(port: number, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-e', '-h', '127.0.0.1', '-p', String(port), ...args]);
  return stdout.trim();
}

/** A test's own `redis-server`, on a free port. It saves nothing unless a test asks for it. */
export class RedisServer extends AnyRedisServer {
  private constructor(
    private readonly directory: string,
    options: readonly string[],
  ) {
    super({ neededBy: 'The tests', directory, options });
  }

  static async start({ options = [], isSentinel = false }: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'quiqup-redis-'));
    const mode = isSentinel ? [await emptyFile(directory, 'sentinel.conf'), '--sentinel'] : [];
    return new RedisServer(directory, [...mode, ...options]).start();
  }

  /** Has it carry out one command; returns the answer as text. */
  command(...args: readonly string[]): Promise<string> {
    return redisCli(this.port, ...args);
  }

  async keys(): Promise<string[]> {
    return (await this.command('KEYS', '*')).split('\n').filter((key) => key !== '');
  }

  /** Saves its present content as a snapshot for the next start. */
  async save(): Promise<void> {
    await this.command('SAVE');
  }

  /** Stops it. The next start loads the snapshot. */
  async kill(): Promise<void> {
    await super.stop();
  }

  override async stop(): Promise<void> {
    await super.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Frozen: connections stay open and nothing is answered. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }
}

/** A sentinel insists on a configuration that it may write to. */
async function emptyFile(directory: string, name: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, '');
  return file;
}
