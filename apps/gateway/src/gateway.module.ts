import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ProblemFilter } from './dialect/problem-filter';
import { Front } from './front';

/** The front, and the answer for requests that no dialect claims. */
@Module({})
export class GatewayModule {
  static with(front: Front): DynamicModule {
    return {
      module: GatewayModule,
      providers: [
        { provide: Front, useValue: front },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
