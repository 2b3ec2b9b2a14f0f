import { Injectable } from '@nestjs/common';
import { QuiqupHttpService } from 'nestjs-quiqup-auth';
import { firstValueFrom } from 'rxjs';

/** Passed on unchanged, because Quiqup validates orders. */
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
  constructor(private readonly quiqup: QuiqupHttpService) {}

  async createOrder(order: NewFulfilmentOrder): Promise<FulfilmentOrder> {
    const { data } = await firstValueFrom(this.quiqup.post<FulfilmentOrder>('/api/fulfilment/orders', order));
    return data;
  }

  async listOrders(): Promise<FulfilmentOrder[]> {
    const { data } = await firstValueFrom(this.quiqup.get<FulfilmentOrder[]>('/api/fulfilment/orders'));
    return data;
  }

  async listStock(): Promise<StockItem[]> {
    const { data } = await firstValueFrom(this.quiqup.get<StockItem[]>('/api/fulfilment/inventory'));
    return data;
  }
}
