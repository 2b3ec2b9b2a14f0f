import { Injectable } from '@nestjs/common';
import { QuiqupHttpService } from 'nestjs-quiqup-auth';
import { firstValueFrom } from 'rxjs';
import { CallLog } from '../calls/call-log.js';

/** Passed on as it came: Quiqup knows best what a delivery needs. */
export type NewDelivery = Readonly<Record<string, unknown>>;

export interface Delivery {
  readonly id: number | string;
  readonly state: string;
}

/** Quiqup's couriers, on the last-mile API, which calls a delivery an order. */
@Injectable()
export class LastMileService {
  constructor(
    private readonly quiqup: QuiqupHttpService,
    private readonly calls: CallLog,
  ) {}

  async createDelivery(delivery: NewDelivery): Promise<Delivery> {
    const call = { api: 'last-mile', method: 'POST', path: '/orders' } as const;
    const { data } = await this.calls.record(call, (path, options) =>
      firstValueFrom(this.quiqup.lastMile.post<Delivery>(path, delivery, options)),
    );
    return data;
  }

  async findDelivery(id: Delivery['id']): Promise<Delivery> {
    const call = { api: 'last-mile', method: 'GET', path: `/orders/${encodeURIComponent(id)}` } as const;
    const { data } = await this.calls.record(call, (path, options) =>
      firstValueFrom(this.quiqup.lastMile.get<Delivery>(path, options)),
    );
    return data;
  }

  /** A PDF. It is read to its end here, so that one that breaks off becomes an error and not half a label. */
  async label(id: Delivery['id']): Promise<Buffer> {
    const call = { api: 'last-mile', method: 'GET', path: `/order_label/${encodeURIComponent(id)}` } as const;
    const { data } = await this.calls.record(call, (path, options) =>
      firstValueFrom(this.quiqup.lastMile.get<Buffer>(path, { ...options, responseType: 'arraybuffer' })),
    );
    return data;
  }
}
