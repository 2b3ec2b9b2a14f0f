import type { Clock, Random } from '../time/index.js';
import type { SharedRecords } from './shared-records.js';

/** How many token requests 401s may cause, at a monotonic time in ms. */
interface BudgetLevel {
  readonly left: number;
  readonly at: number;
}

const BURST = 3;
/** Less than the whole request, so that tokens that are good for a single call cannot keep the endpoint busy. */
const REFUNDED = 0.9;
const LONGEST_INTERVAL_MS = 30_000;

/** The level now: one request is added in each interval. */
function fill({ left, at }: BudgetLevel, now: number, intervalMs: number): BudgetLevel {
  return { left: Math.min(BURST, left + Math.max(0, now - at) / intervalMs), at: now };
}

/**
 * Limits the token requests that 401s cause in the fleet: 3 at once, then one in 30 s or a quarter of the token's
 * lifetime, whichever is shorter. Nine tenths of a request are refunded if the call that caused it is then
 * accepted. So the budget never delays the recovery from a revocation, and an API that refuses every token (a client
 * without the permission, for example) does not cause a stream of token requests.
 */
export class RejectionBudget {
  private level: BudgetLevel = { left: BURST, at: -Infinity };
  private intervalMs = LONGEST_INTERVAL_MS;
  private isReported = false;
  /** The id of the last record that this instance wrote or read. */
  private knownRecord = '';

  constructor(
    private readonly records: SharedRecords,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The lifetime of the token in hand sets the pace. */
  paceBy(lifetimeMs: number): void {
    this.level = this.now;
    this.intervalMs = Math.min(LONGEST_INTERVAL_MS, lifetimeMs / 4);
  }

  get isExhausted(): boolean {
    return this.now.left < 1;
  }

  /** When the budget has a request again, in monotonic ms. */
  get nextAt(): number {
    const { left, at } = this.now;
    return at + Math.max(0, 1 - left) * this.intervalMs;
  }

  /** Reads the level that other instances wrote. */
  async update(): Promise<void> {
    const stored = await this.records.readBudget();
    if (stored !== undefined && stored.id !== this.knownRecord) {
      this.knownRecord = stored.id;
      this.level = { left: stored.left, at: stored.writtenAt };
    }
  }

  /**
   * Takes a request, if there is one, and writes the new level for the other instances.
   *
   * @param mayOverdraw whether to take one even from an exhausted budget
   */
  async tryTake(mayOverdraw: boolean): Promise<boolean> {
    const { left, at } = this.now;
    if (left < 1 && !mayOverdraw) {
      return false;
    }
    this.isReported &&= left < BURST;
    this.level = { left: Math.max(0, left - 1), at };
    await this.share();
    return true;
  }

  /** The call that caused the request was accepted. */
  async refund(): Promise<void> {
    await this.update();
    this.isReported = false;
    this.add(REFUNDED);
    await this.share();
  }

  /** The request failed: the pause after a failure limits the next ones. */
  async untake(): Promise<void> {
    this.add(1);
    await this.share();
  }

  /** One more request, for this instance alone. */
  grant(): void {
    this.add(1);
  }

  /** Whether to report that the budget is exhausted: once, until a call is accepted or the budget was full. */
  shouldReport(): boolean {
    const isNews = !this.isReported;
    this.isReported = true;
    return isNews;
  }

  private async share(): Promise<void> {
    this.knownRecord = this.random.id();
    await this.records.writeBudget({ id: this.knownRecord, left: this.now.left });
  }

  private add(requests: number): void {
    const { left, at } = this.now;
    this.level = { left: Math.min(BURST, left + requests), at };
  }

  private get now(): BudgetLevel {
    return fill(this.level, this.clock.now(), this.intervalMs);
  }
}
