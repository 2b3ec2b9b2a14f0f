import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { provide, REDIS_SERVER } from '../programs/program.js';

/** A `redis-server` of this application's own, on loopback, that keeps nothing on disk. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly program: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(provide(REDIS_SERVER, 'Instances that share a token'), await freePort());
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  /** On the port that it had, and empty. */
  async restart(): Promise<void> {
    if (this.child !== undefined) {
      return;
    }
    const settings = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', tmpdir(), '--save', ''];
    // A group of its own: Ctrl-C is for this application, which then stops it last.
    const child = spawn(this.program, settings, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    this.child = child;
    const endIt = (): void => void child.kill();
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
        if (output.includes('Ready to accept connections')) {
          resolve();
        }
      });
    });
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child !== undefined) {
      const gone = once(child, 'close');
      child.kill();
      await gone;
    }
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
