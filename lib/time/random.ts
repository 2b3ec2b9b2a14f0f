import { randomUUID } from 'node:crypto';

/** Random values. Injected, so that a simulation can repeat a run. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  /** An id that no other instance draws. */
  id(): string;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  id: () => randomUUID(),
};
