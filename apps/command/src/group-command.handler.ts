import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { GroupCommandAnswer } from '@cohort/contracts';
import { GroupCommandMessage } from './command-request';
import { GroupMailboxes } from './mailbox';

/** Hands a command to its group's mailbox. */
@CommandHandler(GroupCommandMessage)
export class GroupCommandHandler implements ICommandHandler<GroupCommandMessage> {
  constructor(private readonly mailboxes: GroupMailboxes) {}

  execute({ request }: GroupCommandMessage): Promise<GroupCommandAnswer> {
    return this.mailboxes.execute(request);
  }
}
