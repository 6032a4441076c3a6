import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Bus } from '@cohort/bus';
import { CommandController } from './command.controller';
import { GroupCommandHandler } from './group-command.handler';
import { GroupMailboxes } from './mailbox';
import { CommandMetrics } from './metrics';
import { SyncUserHandler } from './user-sync/sync-user.handler';
import { UserSyncs } from './user-sync/user-syncs';

/** The write side: from a NATS message to an appended event. */
@Module({})
export class CommandModule {
  static with(mailboxes: GroupMailboxes, userSyncs: UserSyncs, bus: Bus, metrics: CommandMetrics): DynamicModule {
    return {
      module: CommandModule,
      imports: [CqrsModule.forRoot()],
      controllers: [CommandController],
      providers: [
        GroupCommandHandler,
        SyncUserHandler,
        { provide: GroupMailboxes, useValue: mailboxes },
        { provide: UserSyncs, useValue: userSyncs },
        { provide: Bus, useValue: bus },
        { provide: CommandMetrics, useValue: metrics },
      ],
    };
  }
}
