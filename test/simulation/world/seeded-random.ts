import type { Random } from '../../../lib/time/index.js';

const UINT32 = 2 ** 32;

/** A well-mixed 32 bit start for a stream, from a seed and the stream's name. */
function startOf(seed: number, name: string): number {
  let hash = (seed ^ 0x9e3779b9) >>> 0;
  for (const char of name) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    hash = (hash ^ (hash >>> 13)) >>> 0;
  }
  return hash;
}

/**
 * Chance that repeats itself. Every user has a stream of its own by name, so that a call or a fault less leaves the
 * draws of all others as they were: without that, no scenario could be shrunk.
 */
export class SeededRandom implements Random {
  private state: number;

  constructor(
    private readonly seed: number,
    private readonly name: string,
  ) {
    this.state = startOf(seed, name);
  }

  /** Mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / UINT32;
  }

  id(): string {
    return [this.next(), this.next()].map((draw) => Math.floor(draw * UINT32).toString(36)).join('-');
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.next() * choices.length)] ?? choices[0];
  }

  fork(name: string): SeededRandom {
    return new SeededRandom(this.seed, `${this.name}/${name}`);
  }
}
