import { BadRequestException, Body, Controller, HttpCode, Post, Sse } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import * as v from 'valibot';
import { actionSchema } from './action.js';
import type { Frame } from './frame.js';
import { Stage } from './stage.js';
import { Timeline } from './timeline.js';

@Controller('dashboard')
export class DashboardController {
  constructor(
    private readonly timeline: Timeline,
    private readonly stage: Stage,
  ) {}

  @Sse('frames')
  frames(): Observable<{ data: Frame }> {
    return this.timeline.frames$.pipe(map((frame) => ({ data: frame })));
  }

  @Post('actions')
  @HttpCode(204)
  async perform(@Body() body: unknown): Promise<void> {
    const { success, output } = v.safeParse(actionSchema, body);
    if (!success) {
      throw new BadRequestException('There is no such action.');
    }
    await this.stage.perform(output);
  }
}
