/** The phases of Node's event loop. Work that is due at the same time runs in this order. */
const PHASES = { timers: 0, io: 1, immediates: 2 } as const;
export type Phase = keyof typeof PHASES;

/** Where events happen. One that is held up runs nothing until then; one that is gone runs nothing any more. */
export interface EventOwner {
  readonly isGone: boolean;
  readonly heldUntil: number;
}

export interface TimelineEvent {
  at: number;
  readonly phase: Phase;
  seq: number;
  /** `undefined` for what happens outside of all instances: on a server, or on the way. */
  readonly owner: EventOwner | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

function isBefore(one: TimelineEvent, other: TimelineEvent): boolean {
  if (one.at !== other.at) {
    return one.at < other.at;
  }
  return one.phase === other.phase ? one.seq < other.seq : PHASES[one.phase] < PHASES[other.phase];
}

/** A binary heap, the earliest event first; those of one moment and phase in the order in which they came. */
export class EventQueue {
  private readonly heap: TimelineEvent[] = [];
  private count = 0;

  get first(): TimelineEvent | undefined {
    return this.heap[0];
  }

  push(event: TimelineEvent): void {
    event.seq = this.count += 1;
    const { heap } = this;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.isOut(index, above)) {
        break;
      }
      this.swap(index, above);
      index = above;
    }
  }

  pop(): TimelineEvent | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.sink();
    }
    return first;
  }

  private sink(): void {
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      const below = this.isOut(left + 1, left) ? left + 1 : left;
      if (!this.isOut(below, index)) {
        return;
      }
      this.swap(below, index);
      index = below;
    }
  }

  /** Whether `below` belongs above `above`. */
  private isOut(below: number, above: number): boolean {
    const one = this.heap[below];
    const other = this.heap[above];
    return one !== undefined && other !== undefined && isBefore(one, other);
  }

  private swap(one: number, other: number): void {
    const { heap } = this;
    const kept = heap[one] as TimelineEvent;
    heap[one] = heap[other] as TimelineEvent;
    heap[other] = kept;
  }
}
