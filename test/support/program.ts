import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** Far above the time on a busy machine. */
const LIMIT_MS = 60_000;

/** How a process ended: with an exit code, or by a signal. */
type Ending = number | NodeJS.Signals;

/** A program of Node's, in a process of its own. */
export class Program {
  stdout = '';
  stderr = '';
  /** Once it has ended and its last word has been read. */
  readonly ending: Promise<Ending>;
  hasEnded = false;
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;

  /**
   * @param main path of its main file
   * @param env its environment, except `PATH`
   */
  constructor(main: string, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (chunk) => (this.stdout += String(chunk)));
    this.child.stderr.on('data', (chunk) => (this.stderr += String(chunk)));
    this.ending = once(this.child, 'close').then(([code, signal]) => {
      this.hasEnded = true;
      return (code ?? signal) as Ending;
    });
  }

  /** Waits for this output, and returns the pattern's capture. */
  async says(pattern: RegExp): Promise<string> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) {
        return match[1] ?? match[0];
      }
      if (this.hasEnded || limit.aborted) {
        throw new Error(`The program never said ${pattern}, but:\n${this.stdout}${this.stderr}`);
      }
      const more = once(this.child.stdout, 'data', { signal: limit }).catch(() => undefined);
      await Promise.race([more, this.ending]);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** In any state. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ending;
  }
}
