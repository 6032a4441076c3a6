import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Bus } from '@cohort/bus';
import { CommandController } from './command.controller';
import { ExecuteCommand } from './command.handler';
import { GroupMailboxes } from './group';
import { CommandMetrics } from './metrics';
import { UserMailboxes } from './user/user-mailboxes';

/** The write side: from a NATS message to an appended event. */
@Module({})
export class CommandModule {
  static with(groups: GroupMailboxes, users: UserMailboxes, bus: Bus, metrics: CommandMetrics): DynamicModule {
    return {
      module: CommandModule,
      imports: [CqrsModule.forRoot()],
      controllers: [CommandController],
      providers: [
        ExecuteCommand,
        { provide: GroupMailboxes, useValue: groups },
        { provide: UserMailboxes, useValue: users },
        { provide: Bus, useValue: bus },
        { provide: CommandMetrics, useValue: metrics },
      ],
    };
  }
}
