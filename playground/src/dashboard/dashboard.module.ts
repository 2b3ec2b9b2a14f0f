import { Module, type DynamicModule } from '@nestjs/common';
import { Environment } from '../environment.js';
import { Fleet } from '../instances/fleet.js';
import { InstanceModule } from '../instances/instance.module.js';
import { OwnSecret } from '../instances/own-secret.js';
import { ControlPanel } from './control-panel.js';
import { DashboardController } from './dashboard.controller.js';
import { Stage } from './stage.js';
import { Timeline } from './timeline.js';

@Module({
  imports: [InstanceModule],
  controllers: [DashboardController],
  providers: [Fleet, ControlPanel, Timeline, Stage],
})
export class DashboardModule {
  static forRoot(environment: Environment, secret: OwnSecret): DynamicModule {
    return {
      module: DashboardModule,
      providers: [
        { provide: Environment, useValue: environment },
        { provide: OwnSecret, useValue: secret },
      ],
    };
  }
}
