import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { provide, REDIS_SERVER } from '../programs/program.js';

export interface RedisServerSettings {
  /** The user of the server, for the message if it is not installed. */
  readonly neededBy: string;
  /** More arguments of `redis-server`, before its own. */
  readonly options?: readonly string[];
  /** The password. Default none: every program on this machine may use the server. */
  readonly password?: string;
  /** The folder for its files. */
  readonly directory?: string;
  /** Whether to protect it from Ctrl-C, so that this process can stop it last. */
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
    const { password } = this.settings;
    return `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${this.port}`;
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
    const { neededBy, options = [], password, directory = tmpdir(), isDetached = false } = this.settings;
    // Other users can read a process' arguments, but not its input.
    const configuration = password === undefined ? [] : ['-'];
    const own = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', directory, '--save', ''];
    const child = spawn(provide(REDIS_SERVER, neededBy), [...configuration, ...options, ...own], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: isDetached,
    });
    child.stdin.on('error', () => undefined).end(password === undefined ? '' : `requirepass ${password}\n`);
    this.child = child;
    const guard = guardOf(child);
    child.once('close', () => {
      guard.kill('SIGKILL');
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

/** Ends the program when this process ends in any way, because that closes the pipe to the guard. */
function guardOf({ pid }: ChildProcess): ChildProcess {
  const script = 'cat > /dev/null; kill -9 "$1"';
  const guard = spawn('sh', ['-c', script, 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A Ctrl-C is for this process to answer.
    detached: true,
  });
  guard.unref();
  // A pipe keeps a process alive, as a socket does.
  (guard.stdin as Socket).unref();
  return guard;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
