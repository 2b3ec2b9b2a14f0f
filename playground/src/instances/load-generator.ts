import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { FulfilmentService } from 'sample-app/fulfilment/fulfilment.service.js';
import { LastMileService, type Delivery } from 'sample-app/last-mile/last-mile.service.js';

const TURN_MS = 20;
const DRAIN_LIMIT_MS = 2_000;

/** Sends calls at a steady rate, to both of Quiqup's APIs in turn. */
@Injectable()
export class LoadGenerator implements OnModuleDestroy {
  private readonly pending = new Set<Promise<unknown>>();
  private timer: NodeJS.Timeout | undefined;
  private perSecond = 0;
  private due = 0;
  private turnedAt = 0;
  private isLastMilesTurn = false;
  private delivery: Promise<Delivery> | undefined;

  constructor(
    private readonly fulfilment: FulfilmentService,
    private readonly lastMile: LastMileService,
  ) {}

  setRate(perSecond: number): void {
    this.perSecond = perSecond;
    clearInterval(this.timer);
    this.turnedAt = performance.now();
    if (perSecond > 0) {
      this.timer = setInterval(() => this.turn(), TURN_MS).unref();
    }
  }

  /** Calls under way are waited for. */
  async onModuleDestroy(): Promise<void> {
    this.setRate(0);
    await Promise.race([Promise.all(this.pending), pause(DRAIN_LIMIT_MS, undefined, { ref: false })]);
  }

  private turn(): void {
    const now = performance.now();
    // After a pause of the process, at most a second's worth is made up for.
    this.due = Math.min(this.due + (this.perSecond * (now - this.turnedAt)) / 1_000, Math.max(1, this.perSecond));
    this.turnedAt = now;
    for (; this.due >= 1; this.due -= 1) {
      // How it ends is in the log of calls.
      const call: Promise<unknown> = this.send()
        .catch(() => undefined)
        .finally(() => this.pending.delete(call));
      this.pending.add(call);
    }
  }

  private send(): Promise<unknown> {
    this.isLastMilesTurn = !this.isLastMilesTurn;
    return this.isLastMilesTurn ? this.track() : this.fulfilment.listStock();
  }

  /** Reads the state of a delivery. The first call creates it. */
  private async track(): Promise<void> {
    if (this.delivery !== undefined) {
      const { id } = await this.delivery;
      await this.lastMile.findDelivery(id);
      return;
    }
    this.delivery = this.lastMile.createDelivery({ partner_order_id: `tracked-${process.pid}` });
    try {
      await this.delivery;
    } catch (error) {
      this.delivery = undefined;
      throw error;
    }
  }
}
