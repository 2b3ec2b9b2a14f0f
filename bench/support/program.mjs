import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts a process of this folder; its settings are its only argument. */
function start(file, settings, execArgv) {
  const child = fork(join(import.meta.dirname, '..', file), [JSON.stringify(settings)], {
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  running.add(child);
  const ending = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    throw new Error(`${file} ended with ${code ?? signal}.`);
  });
  ending.catch(() => undefined);
  return { child, ending };
}

/** Runs a process that sends one message, and returns that. */
export async function measureIn(file, settings = {}, execArgv = []) {
  const { child, ending } = start(file, settings, execArgv);
  const [measured] = await Promise.race([once(child, 'message'), ending]);
  await ending.catch(() => undefined);
  return measured;
}

/** A process that takes commands, as those of test/fleet do. */
export class Program {
  #child;
  #ending;
  #answers = new Map();
  #lastId = 0;

  /** Once it is ready. @param {string} file @param {object} settings @param {readonly string[]} execArgv */
  static async start(file, settings, execArgv = []) {
    const program = new Program(file, settings, execArgv);
    await Promise.race([program.#ready, program.#ending]);
    return program;
  }

  #ready;

  constructor(file, settings, execArgv) {
    const { child, ending } = start(file, settings, execArgv);
    this.#child = child;
    this.#ending = ending;
    this.#ready = new Promise((resolve) => {
      child.on('message', ({ notice, details, id, result, error }) => {
        if (notice === 'ready') {
          this.details = details;
          resolve();
        } else if (id !== undefined) {
          const { resolve: answer, reject } = this.#answers.get(id);
          this.#answers.delete(id);
          if (error === undefined) {
            answer(result);
          } else {
            reject(new Error(error));
          }
        }
      });
    });
  }

  ask(command, ...args) {
    const id = (this.#lastId += 1);
    const answer = new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ id, command, args });
    });
    return Promise.race([answer, this.#ending]);
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ending.catch(() => undefined);
  }
}
