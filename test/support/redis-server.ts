import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface RedisServerOptions {
  /** More arguments of `redis-server`. */
  readonly options?: readonly string[];
  /** Whether it watches over other servers in place of keeping anything. */
  readonly isSentinel?: boolean;
}

/** A node of a cluster listens at a second port, so much higher. */
const CLUSTER_BUS_OFFSET = 10_000;
const HIGHEST_PORT = 65_535 - CLUSTER_BUS_OFFSET;

const run = promisify(execFile);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port > HIGHEST_PORT ? freePort() : port;
}

/** What `redis-cli` prints. Rejects with what Redis says when it refuses. */
export async function redisCli(port: number, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-e', '-h', '127.0.0.1', '-p', String(port), ...args]);
  return stdout.trim();
}

/** A real `redis-server` of the test's own, on a free port, that keeps nothing unless told to. */
export class RedisServer {
  private process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly settings: RedisServerOptions,
  ) {}

  static async start(settings: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'quiqup-redis-'));
    const server = new RedisServer(await freePort(), directory, settings);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on the port that it had: with what was saved, else empty. */
  async restart(): Promise<void> {
    const child = spawn('redis-server', await this.arguments(), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.process = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`redis-server did not start:\n${output}`)));
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
        if (output.includes(this.settings.isSentinel ? 'Sentinel ID is' : 'Ready to accept connections')) {
          resolve();
        }
      });
    });
  }

  /** Has it carry out one command; returns the answer as text. */
  command(...args: readonly string[]): Promise<string> {
    return redisCli(this.port, ...args);
  }

  async keys(): Promise<string[]> {
    return (await this.command('KEYS', '*')).split('\n').filter((key) => key !== '');
  }

  /** Keeps what it holds now, as a snapshot, for the next start. */
  async save(): Promise<void> {
    await this.command('SAVE');
  }

  /** Stops it as a crash would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Frozen: connections stay open and nothing is answered. */
  freeze(): void {
    this.process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  private async arguments(): Promise<string[]> {
    const { options = [], isSentinel = false } = this.settings;
    const common = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.directory, ...options];
    if (!isSentinel) {
      return [...common, '--save', ''];
    }
    // It insists on a file that it may write to.
    const config = join(this.directory, 'sentinel.conf');
    await writeFile(config, '');
    return [config, '--sentinel', ...common];
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
  }
}
