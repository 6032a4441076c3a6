import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { GroupCommandAnswer } from '@cohort/contracts';
import { GroupCommandMessage } from './command-request';
import { GroupMailboxes, type ExecuteInput } from './mailbox';

/** Hands a command to its group's mailbox. */
@CommandHandler(GroupCommandMessage)
export class GroupCommandHandler implements ICommandHandler<GroupCommandMessage> {
  constructor(private readonly mailboxes: GroupMailboxes) {}

  execute({ request: { name, data, ...circumstances } }: GroupCommandMessage): Promise<GroupCommandAnswer> {
    // A request's name and data belong together, which a destructured pair no longer shows.
    const command = { type: name, data } as ExecuteInput['command'];
    return this.mailboxes.execute({ ...circumstances, command, actor: data.actor });
  }
}
