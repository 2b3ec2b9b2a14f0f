import type { Observation } from '../instances/observation.js';
import type { Act } from './acts.js';
import type { Episode } from './frame.js';
import { Tally } from './tally.js';

const REMEMBERED = 50;

interface Chapter {
  readonly act: Act;
  readonly tally: Tally;
  episode: Episode;
}

/** Describes the outcome of the last act in a sentence. */
export class Narrator {
  private readonly chapters: Chapter[] = [];
  private changed = new Set<Chapter>();

  /** An act at `at`, in epoch ms, which ends the one before. */
  begin(act: Act, at: number): void {
    const tally = new Tally(at, act.lastsMs === undefined ? Infinity : at + act.lastsMs);
    const id = (this.chapters.at(-1)?.episode.id ?? 0) + 1;
    const { label } = act;
    const episode = { id, at, ...(label !== undefined && { label }), ...act.tell(tally) };
    const chapter = { act, tally, episode };
    this.chapters.push(chapter);
    this.changed.add(chapter);
    if (this.chapters.length > REMEMBERED) {
      this.chapters.shift();
    }
  }

  hear(id: number, observation: Observation): void {
    const chapter = this.chapters.at(-1);
    if (chapter !== undefined && observation.calls.length + observation.events.length > 0) {
      chapter.tally.add(id, observation);
      chapter.episode = { ...chapter.episode, ...chapter.act.tell(chapter.tally) };
      this.changed.add(chapter);
    }
  }

  get episodes(): readonly Episode[] {
    return this.chapters.map(({ episode }) => episode);
  }

  /** Those that are new or other than when this was last asked. */
  takeChanges(): readonly Episode[] {
    const changed = [...this.changed].map(({ episode }) => episode);
    this.changed = new Set();
    return changed;
  }
}
