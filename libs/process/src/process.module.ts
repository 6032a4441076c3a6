import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { LoggerModule } from 'nestjs-pino';
import { Registry } from 'prom-client';
import { Apps } from './apps';
import { HealthController } from './health.controller';
import { Readiness } from './readiness';
import type { ProcessContext } from './start-process';

/** What every process has: logger, apps, readiness, metrics, and the routes that show them. */
@Module({})
export class ProcessModule {
  static forRoot({ apps, readiness, metrics, logger }: ProcessContext<object>, app: DynamicModule): DynamicModule {
    return {
      module: ProcessModule,
      global: true,
      imports: [
        // No log line for each request: metrics count them, and lines would hold ids.
        LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false }, forRoutes: [] }),
        TerminusModule.forRoot({ logger: false }),
        app,
      ],
      controllers: [HealthController],
      providers: [
        { provide: Apps, useValue: apps },
        { provide: Readiness, useValue: readiness },
        { provide: Registry, useValue: metrics },
      ],
      exports: [Apps, Readiness, Registry],
    };
  }
}
