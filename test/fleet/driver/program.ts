import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';

type Commands<C> = { [K in keyof C]: (...args: never[]) => unknown };
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Result<F> = F extends (...args: never[]) => infer R ? R : never;
type Details = Readonly<Record<string, string>>;

type Message =
  | { readonly notice: string; readonly details: Details }
  | { readonly id: number; readonly result?: unknown; readonly error?: string };

/** How a process ended: with an exit code, or by a signal. */
export type Ending = number | NodeJS.Signals;

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A process of its own that takes commands. */
export class Program<C extends Commands<C>> {
  /** All that it printed. */
  output = '';
  /** Once it has ended and its last word has been read. */
  readonly ending: Promise<Ending>;
  hasEnded = false;
  private readonly child: ChildProcess;
  private readonly notices = new EventEmitter();
  private readonly answers = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  private lastId = 0;

  private constructor(
    private readonly file: string,
    settings: object,
  ) {
    this.child = fork(join(process.env['FLEET_PROGRAMS'] ?? '', file), [JSON.stringify(settings)], {
      env: { PATH: process.env['PATH'] },
      // Not the options of the process that runs the tests.
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.add(this.child);
    this.child.stdout?.on('data', (chunk) => (this.output += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.output += String(chunk)));
    this.child.on('message', (message: Message) => {
      if ('notice' in message) {
        this.notices.emit(message.notice, message.details);
      } else {
        this.answers.get(message.id)?.(message);
        this.answers.delete(message.id);
      }
    });
    this.ending = once(this.child, 'close').then(([code, signal]) => {
      this.hasEnded = true;
      running.delete(this.child);
      this.answers.forEach((answer) => answer({ error: `${file} has ended:\n${this.output}` }));
      return (code ?? signal) as Ending;
    });
  }

  /** Starts one. Resolves once it is ready, with its details. */
  static async start<C extends Commands<C>>(file: string, settings: object): Promise<[Program<C>, Details]> {
    const program = new Program<C>(file, settings);
    const failed = program.ending.then((ending) => {
      throw new Error(`${file} ended with ${ending} before it was ready:\n${program.output}`);
    });
    return [program, await Promise.race([program.next('ready'), failed])];
  }

  ask<K extends keyof C>(command: K, ...args: Arguments<C[K]>): Promise<Result<C[K]>> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      const answer = ({ result, error }: { result?: unknown; error?: string }): void =>
        error === undefined ? resolve(result as Result<C[K]>) : reject(new Error(error));
      if (this.hasEnded) {
        answer({ error: `${this.file} has ended:\n${this.output}` });
        return;
      }
      this.answers.set(id, answer);
      this.child.send({ id, command, args }, (error) => {
        if (error) {
          answer({ error: error.message });
        }
      });
    });
  }

  /** Waits until it tells this. */
  async next(notice: string): Promise<Details> {
    const [details] = (await once(this.notices, notice)) as [Details];
    return details;
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
