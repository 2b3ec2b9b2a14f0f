import { Injectable } from '@nestjs/common';
import { QuiqupHttpService } from 'nestjs-quiqup-auth';
import { firstValueFrom } from 'rxjs';

/** Passed on unchanged, because Quiqup validates deliveries. */
export type NewDelivery = Readonly<Record<string, unknown>>;

export interface Delivery {
  readonly id: number | string;
  readonly state: string;
}

/** Quiqup's couriers, on the last-mile API, which calls a delivery an order. */
@Injectable()
export class LastMileService {
  constructor(private readonly quiqup: QuiqupHttpService) {}

  async createDelivery(delivery: NewDelivery): Promise<Delivery> {
    const { data } = await firstValueFrom(this.quiqup.lastMile.post<Delivery>('/orders', delivery));
    return data;
  }

  async findDelivery(id: Delivery['id']): Promise<Delivery> {
    const path = `/orders/${encodeURIComponent(id)}`;
    const { data } = await firstValueFrom(this.quiqup.lastMile.get<Delivery>(path));
    return data;
  }

  /** A PDF. It is read completely, so that an interrupted response becomes an error and not half a label. */
  async label(id: Delivery['id']): Promise<Buffer> {
    const path = `/order_label/${encodeURIComponent(id)}`;
    const { data } = await firstValueFrom(this.quiqup.lastMile.get<Buffer>(path, { responseType: 'arraybuffer' }));
    return data;
  }
}
