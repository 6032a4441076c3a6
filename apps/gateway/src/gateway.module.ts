import type { AppSettings } from '@cohort/contracts';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { DIALECTS } from './dialects';
import { Cohort } from './shared/cohort';
import { ProblemFilter } from './shared/problem-filter';

/** All dialects, and the `Cohort` they speak to. */
@Module({})
export class GatewayModule {
  static with(apps: readonly AppSettings[], cohort: Cohort): DynamicModule {
    return {
      module: GatewayModule,
      global: true,
      imports: DIALECTS.map((dialect) => dialect.forApps(apps)),
      providers: [
        { provide: Cohort, useValue: cohort },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [Cohort],
    };
  }
}
