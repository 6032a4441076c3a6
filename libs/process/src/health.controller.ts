import { Controller, Get, Header, Inject, UseGuards } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { Registry } from 'prom-client';
import { HealthGuard } from './health-door';
import { Readiness } from './readiness';

/** Serves `/health/live`, `/health/ready` and `/metrics` in every process. */
@Controller()
@UseGuards(HealthGuard)
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Registry) private readonly metrics: Registry,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  /** Proves only that the event loop runs, so that a failing dependency never restarts this process. */
  @Get('health/live')
  @Header('Cache-Control', 'no-store')
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** Returns 200 if the process can take work, else 503. The body lists every check. */
  @Get('health/ready')
  @Header('Cache-Control', 'no-store')
  ready(): Promise<HealthCheckResult> {
    return this.health.check(
      this.readiness.findings().map(({ name, why, degraded, says }) => () => {
        const indicator = this.indicators.check(name);
        if (why === undefined) return says === undefined ? indicator.up() : indicator.up({ says });
        return degraded ? indicator.up({ degraded: why }) : indicator.down({ message: why });
      }),
    );
  }

  @Get('metrics')
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  text(): Promise<string> {
    return this.metrics.metrics();
  }
}
