import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { LoggerModule } from 'nestjs-pino';
import { Registry } from 'prom-client';
import { Apps } from './apps';
import { HealthController } from './health.controller';
import { HealthDoor, HealthGuard } from './health-door';
import type { ProcessContext } from './process-context';
import { Readiness } from './readiness';

/** Provides logger, tenants, readiness, metrics and their routes in every process. */
@Module({})
export class ProcessModule {
  static forRoot({ apps, readiness, metrics, logger }: ProcessContext<object>, app: DynamicModule): DynamicModule {
    return {
      module: ProcessModule,
      global: true,
      imports: [
        // No log line per request: metrics count requests, and lines would contain ids of users.
        LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false }, forRoutes: [] }),
        TerminusModule.forRoot({ logger: false }),
        app,
      ],
      controllers: [HealthController],
      providers: [
        HealthDoor,
        HealthGuard,
        { provide: Apps, useValue: apps },
        { provide: Readiness, useValue: readiness },
        { provide: Registry, useValue: metrics },
      ],
      exports: [Apps, Readiness, Registry],
    };
  }
}
