import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment.js';
import type { Instance } from './instance.js';
import type { FromInstance, ToInstance } from './messages.js';
import type { Observation } from './observation.js';

const PROGRAM = fileURLToPath(new URL('instance-process.js', import.meta.url));
/** Above the time limit of an instance. */
const STOP_LIMIT_MS = 8_000;

/** The application in a process of its own. */
export class ForkedInstance implements Instance {
  readonly isRemovable = true;
  /** Once it has ended: whether it was told to. */
  readonly ending: Promise<{ wasStopped: boolean }>;
  private readonly child: ChildProcess;
  private readonly listeners: ((observation: Observation) => void)[] = [];
  private wasStopped = false;

  constructor(
    readonly id: number,
    variables: Environment['variables'],
  ) {
    // In its own process group: Ctrl-C reaches only this process, which then stops the instance.
    this.child = fork(PROGRAM, {
      env: { ...variables },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    this.ending = once(this.child, 'close').then(() => ({ wasStopped: this.wasStopped }));
    this.child.on('message', (message: FromInstance) => {
      if (message.type === 'observation') {
        this.listeners.forEach((listener) => listener(message.observation));
      }
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when it is up; rejects when it ended before. */
  async ready(): Promise<void> {
    const isUp = new Promise<void>((resolve) => {
      this.child.on('message', ({ type }: FromInstance) => type === 'ready' && resolve());
    });
    const failed = this.ending.then(() => {
      throw new Error(`Instance ${this.id} did not start; what it says is above.`);
    });
    await Promise.race([isUp, failed]);
  }

  observe(listener: (observation: Observation) => void): void {
    this.listeners.push(listener);
  }

  setRate(perSecond: number): void {
    this.send({ type: 'rate', perSecond });
  }

  setSecret(secret: string): void {
    this.send({ type: 'secret', secret });
  }

  async stop(): Promise<void> {
    this.wasStopped = true;
    this.send({ type: 'stop' });
    const limit = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ending;
    clearTimeout(limit);
  }

  private send(message: ToInstance): void {
    if (this.child.connected) {
      // It may be gone by the time that this is written.
      this.child.send(message, () => undefined);
    }
  }
}
