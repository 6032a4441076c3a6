import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { CommandController } from './command.controller';
import { GroupCommandHandler } from './group-command.handler';
import { GroupMailboxes } from './mailbox';

/** The write side: from a NATS message to an appended event. */
@Module({})
export class CommandModule {
  static with(mailboxes: GroupMailboxes): DynamicModule {
    return {
      module: CommandModule,
      imports: [CqrsModule.forRoot()],
      controllers: [CommandController],
      providers: [GroupCommandHandler, { provide: GroupMailboxes, useValue: mailboxes }],
    };
  }
}
