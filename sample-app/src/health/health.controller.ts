import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { QuiqupHealthIndicator } from 'nestjs-quiqup-auth';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly quiqup: QuiqupHealthIndicator,
  ) {}

  /** For readiness: 503 while calls get no token. Not for liveness, because a restart does not help. */
  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.quiqup.check()]);
  }
}
