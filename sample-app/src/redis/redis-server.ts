import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { provide, REDIS_SERVER } from '../programs/program.js';

export interface RedisServerSettings {
  /** Who needs it, for the message when it is not installed. */
  readonly neededBy: string;
  /** More arguments of `redis-server`, before its own. */
  readonly options?: readonly string[];
  /** Where it may write. */
  readonly directory?: string;
  /** Whether Ctrl-C does not reach it, so that this process can stop it last. */
  readonly isDetached?: boolean;
}

/** How many ports are tried. */
const ATTEMPTS = 10;
const IS_READY = /Ready to accept connections|Sentinel ID is/;
/** Another program has taken the port meanwhile, or a cluster has no room for its second one, 10,000 above. */
const NEEDS_ANOTHER_PORT = /Address already in use|port number too high/;

/** A `redis-server` of this process's own, on a free port of loopback, that keeps nothing on disk. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private listenPort = 0;

  constructor(private readonly settings: RedisServerSettings) {}

  get port(): number {
    return this.listenPort;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  async start(): Promise<this> {
    for (let attempt = 1; ; attempt += 1) {
      this.listenPort = await freePort();
      try {
        await this.restart();
        return this;
      } catch (error) {
        if (attempt === ATTEMPTS || !NEEDS_ANOTHER_PORT.test(String(error))) {
          throw error;
        }
      }
    }
  }

  /** On the port that it had, and empty unless it saved something. */
  async restart(): Promise<void> {
    if (this.child !== undefined) {
      return;
    }
    const { neededBy, options = [], directory = tmpdir(), isDetached = false } = this.settings;
    const own = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', directory, '--save', ''];
    const child = spawn(provide(REDIS_SERVER, neededBy), [...options, ...own], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: isDetached,
    });
    this.child = child;
    const endIt = (): void => void child.kill('SIGKILL');
    process.once('exit', endIt);
    child.once('close', () => {
      process.off('exit', endIt);
      this.child = undefined;
    });
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => reject(new Error(`redis-server did not start: ${output.trim()}`)));
      child.stdout.on('data', (chunk) => {
        output += String(chunk);
        if (IS_READY.test(output)) {
          resolve();
        }
      });
    });
  }

  /** At once, as a crash would: it has nothing to save. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child !== undefined) {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    }
  }

  protected signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
