import { Logger } from '@nestjs/common';
import { replaceGlobals } from './globals.js';
import { SeededRandom } from './seeded-random.js';
import { Timeline } from './timeline.js';
import { Trace } from './trace.js';

/** The time, random values and record of one run. Only one world is open at a time, because it owns the globals. */
export class World {
  readonly timeline = new Timeline();
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly unhandled: unknown[] = [];
  private readonly restore: () => void;
  private readonly onUnhandled = (error: unknown): void => void this.unhandled.push(error);

  constructor(seed: number, isTraced = false) {
    this.random = new SeededRandom(seed, 'world');
    this.trace = new Trace(isTraced);
    this.restore = replaceGlobals(this.timeline, this.random.fork('globals'));
    process.on('unhandledRejection', this.onUnhandled);
    Logger.overrideLogger(false);
  }

  get now(): number {
    return this.timeline.now;
  }

  note(who: string, what: string): void {
    this.trace.note(this.now, who, what);
  }

  close(): void {
    this.restore();
    process.off('unhandledRejection', this.onUnhandled);
  }
}
