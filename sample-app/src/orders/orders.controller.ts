import { Body, Controller, Get, Post } from '@nestjs/common';
import { OrdersService, type NewOrder, type Order } from './orders.service.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  create(@Body() order: NewOrder): Promise<Order> {
    return this.orders.create(order);
  }

  @Get()
  list(): Promise<Order[]> {
    return this.orders.list();
  }
}
