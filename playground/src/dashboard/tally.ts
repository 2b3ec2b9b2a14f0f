import type { Observation } from '../instances/observation.js';

/** Counts the calls and events of the instances after an act. */
export class Tally {
  calls = 0;
  recovered = 0;
  failed = 0;
  /** 401s. */
  rejected = 0;
  slowestMs = 0;
  tokensFetched = 0;
  tokenRequestsFailed = 0;
  /** Why calls failed, and how many for each reason. */
  readonly reasons = new Map<string, number>();
  /** Instances that took a token from Redis. */
  readonly adopters = new Set<number>();
  /** Instances that asked for a token themselves. */
  readonly askers = new Set<number>();
  readonly lost = new Set<number>();
  readonly back = new Set<number>();

  /**
   * @param since the start of the period, in epoch ms
   * @param until the end of the period, in epoch ms
   */
  constructor(
    private readonly since: number,
    private readonly until = Infinity,
  ) {}

  add(id: number, { calls, events }: Observation): void {
    for (const [at, durationMs, outcome, , , reason = 'unknown'] of calls) {
      if (this.covers(at)) {
        this.calls += 1;
        this.slowestMs = Math.max(this.slowestMs, durationMs);
        if (outcome === 'failed') {
          this.failed += 1;
          this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
        } else if (outcome === 'recovered') {
          this.recovered += 1;
        }
      }
    }
    events.filter(({ at }) => this.covers(at)).forEach((event) => this.addEvent(id, event));
  }

  private addEvent(id: number, event: Observation['events'][number]): void {
    switch (event.type) {
      case 'token':
        if (event.how === 'adopted') {
          this.adopters.add(id);
        }
        break;
      case 'token-request':
        this.askers.add(id);
        if (event.outcome === 'success') {
          this.tokensFetched += 1;
        } else {
          this.tokenRequestsFailed += 1;
        }
        break;
      case 'rejected':
        this.rejected += 1;
        break;
      case 'store':
        (event.isLost ? this.lost : this.back).add(id);
    }
  }

  private covers(at: number): boolean {
    return at >= this.since && at <= this.until;
  }
}
