import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Bus } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { UserKeys } from '@cohort/event-store';
import { ReadModel } from '@cohort/read-model';
import { Announcer } from './announcer';
import { EVENT_READER, type EventReader } from './event-reader';
import { HANDLERS } from './handlers';
import { Projector } from './projector';
import { QueryController } from './query.controller';
import { QueryLimits } from './query-limits';
import { QuerySettings } from './settings';

/** The parts that the handlers need. */
export interface QueryParts {
  readonly settings: QuerySettings;
  readonly model: ReadModel;
  readonly projector: Projector;
  readonly store: EventReader;
  readonly keys: UserKeys;
  readonly announcer: Announcer;
  readonly bus: Bus;
  readonly limits: QueryLimits;
}

@Module({})
export class QueryModule {
  static forRoot({ settings, model, projector, store, keys, announcer, bus, limits }: QueryParts): DynamicModule {
    return {
      module: QueryModule,
      imports: [CqrsModule.forRoot()],
      controllers: [QueryController],
      providers: [
        { provide: QuerySettings, useValue: settings },
        { provide: ReadModel, useValue: model },
        { provide: Projector, useValue: projector },
        { provide: Announcer, useValue: announcer },
        { provide: Bus, useValue: bus },
        { provide: CohortClient, useValue: CohortClient.over(bus.connection) },
        { provide: QueryLimits, useValue: limits },
        { provide: UserKeys, useValue: keys },
        { provide: EVENT_READER, useValue: store },
        ...HANDLERS,
      ],
    };
  }
}
