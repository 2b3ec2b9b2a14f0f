/** How many token requests 401s may cause, at a time of the monotonic clock in ms. */
export interface BudgetLevel {
  readonly left: number;
  readonly at: number;
}

const BURST = 3;
/** Not the whole request, so that an endpoint cannot be kept busy by tokens that are good for a single call. */
const GIVEN_BACK = 0.9;
const LONGEST_INTERVAL_MS = 30_000;

/** The level now, filled up by one request an interval. */
function fill({ left, at }: BudgetLevel, now: number, intervalMs: number): BudgetLevel {
  return { left: Math.min(BURST, left + Math.max(0, now - at) / intervalMs), at: now };
}

/**
 * Limits the token requests that 401s cause: 3 at once, then one in 30 s or a quarter of the token's lifetime,
 * whichever is shorter. A request is given back, but for a tenth, when the call it was made for is then accepted: so
 * revocations are never held up, and an endpoint that refuses every token (a client without the right for it, say)
 * does not become a stream of token requests.
 */
export class RejectionBudget {
  private level: BudgetLevel = { left: BURST, at: -Infinity };
  private intervalMs = LONGEST_INTERVAL_MS;
  private isReported = false;

  /** The lifetime of the token in hand sets the pace. */
  paceBy(lifetimeMs: number): void {
    this.level = this.now;
    this.intervalMs = Math.min(LONGEST_INTERVAL_MS, lifetimeMs / 4);
  }

  get isSpent(): boolean {
    return this.now.left < 1;
  }

  /** When there is a request left again, in monotonic ms. */
  get nextAt(): number {
    const { left, at } = this.now;
    return at + Math.max(0, 1 - left) * this.intervalMs;
  }

  /** What is left, for others to know. */
  get left(): number {
    return this.now.left;
  }

  /** What another instance has left in the store counts, as of when it wrote it. */
  adopt(level: BudgetLevel): void {
    this.level = level;
  }

  /** Takes a request, if there is one. */
  tryTake(): boolean {
    const { left, at } = this.now;
    if (left < 1) {
      return false;
    }
    this.isReported &&= left < BURST;
    this.level = { left: left - 1, at };
    return true;
  }

  /** The call that the request was made for has been accepted. */
  giveBack(): void {
    this.isReported = false;
    this.add(GIVEN_BACK);
  }

  /** Whether it is worth a word that the budget is spent: once, until a call is accepted or the budget was full. */
  shouldReport(): boolean {
    const isNews = !this.isReported;
    this.isReported = true;
    return isNews;
  }

  /** The request brought nothing. */
  putBack(): void {
    this.add(1);
  }

  private add(requests: number): void {
    const { left, at } = this.now;
    this.level = { left: Math.min(BURST, left + requests), at };
  }

  private get now(): BudgetLevel {
    return fill(this.level, performance.now(), this.intervalMs);
  }
}
