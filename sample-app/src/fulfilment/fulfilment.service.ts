import { Injectable } from '@nestjs/common';
import { QuiqupHttpService } from 'nestjs-quiqup-auth';
import { firstValueFrom } from 'rxjs';
import { CallLog } from '../calls/call-log.js';

/** Passed on as it came: Quiqup knows best what an order needs. */
export type NewFulfilmentOrder = Readonly<Record<string, unknown>>;

export interface FulfilmentOrder {
  readonly id: number | string;
}

export interface StockItem {
  readonly sku: string;
  readonly quantity: number;
}

/** Quiqup's warehouse, on the platform API. */
@Injectable()
export class FulfilmentService {
  constructor(
    private readonly quiqup: QuiqupHttpService,
    private readonly calls: CallLog,
  ) {}

  async createOrder(order: NewFulfilmentOrder): Promise<FulfilmentOrder> {
    const call = { api: 'fulfilment', method: 'POST', path: '/api/fulfilment/orders' } as const;
    const { data } = await this.calls.record(call, (path, options) =>
      firstValueFrom(this.quiqup.post<FulfilmentOrder>(path, order, options)),
    );
    return data;
  }

  async listOrders(): Promise<FulfilmentOrder[]> {
    const call = { api: 'fulfilment', method: 'GET', path: '/api/fulfilment/orders' } as const;
    const { data } = await this.calls.record(call, (path, options) =>
      firstValueFrom(this.quiqup.get<FulfilmentOrder[]>(path, options)),
    );
    return data;
  }

  async listStock(): Promise<StockItem[]> {
    const call = { api: 'fulfilment', method: 'GET', path: '/api/fulfilment/inventory' } as const;
    const { data } = await this.calls.record(call, (path, options) =>
      firstValueFrom(this.quiqup.get<StockItem[]>(path, options)),
    );
    return data;
  }
}
