import { Body, Controller, Get, Post } from '@nestjs/common';
import {
  FulfilmentService,
  type FulfilmentOrder,
  type NewFulfilmentOrder,
  type StockItem,
} from './fulfilment.service.js';

@Controller()
export class FulfilmentController {
  constructor(private readonly fulfilment: FulfilmentService) {}

  @Post('orders')
  createOrder(@Body() order: NewFulfilmentOrder): Promise<FulfilmentOrder> {
    return this.fulfilment.createOrder(order);
  }

  @Get('orders')
  listOrders(): Promise<FulfilmentOrder[]> {
    return this.fulfilment.listOrders();
  }

  @Get('inventory')
  listStock(): Promise<StockItem[]> {
    return this.fulfilment.listStock();
  }
}
