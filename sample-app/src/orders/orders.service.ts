import { Injectable } from '@nestjs/common';
import { QuiqupHttpService } from 'nestjs-quiqup-auth';
import { firstValueFrom } from 'rxjs';
import { CallLog } from '../calls/call-log.js';

/** Passed on as it came: Quiqup knows best what an order needs. */
export type NewOrder = Readonly<Record<string, unknown>>;

export interface Order {
  readonly id: number | string;
}

@Injectable()
export class OrdersService {
  constructor(
    private readonly quiqup: QuiqupHttpService,
    private readonly calls: CallLog,
  ) {}

  async create(order: NewOrder): Promise<Order> {
    const { data } = await this.calls.record(() =>
      firstValueFrom(this.quiqup.post<Order>('/api/fulfilment/orders', order)),
    );
    return data;
  }

  async list(): Promise<Order[]> {
    const { data } = await this.calls.record(() => firstValueFrom(this.quiqup.get<Order[]>('/api/fulfilment/orders')));
    return data;
  }
}
