import { Body, Controller, Get, Param, Post, StreamableFile } from '@nestjs/common';
import { LastMileService, type Delivery, type NewDelivery } from './last-mile.service.js';

@Controller('deliveries')
export class LastMileController {
  constructor(private readonly lastMile: LastMileService) {}

  @Post()
  create(@Body() delivery: NewDelivery): Promise<Delivery> {
    return this.lastMile.createDelivery(delivery);
  }

  @Get(':id')
  find(@Param('id') id: string): Promise<Delivery> {
    return this.lastMile.findDelivery(id);
  }

  @Get(':id/label')
  async label(@Param('id') id: string): Promise<StreamableFile> {
    const label = await this.lastMile.label(id);
    return new StreamableFile(label, { type: 'application/pdf', length: label.length });
  }
}
