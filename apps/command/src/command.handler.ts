import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { COMMANDS, type CommandAnswer, type CommandName } from '@cohort/contracts';
import { CommandMessage, type CommandRequest } from './command-request';
import { GroupMailboxes } from './group';
import { UserMailboxes } from './user/user-mailboxes';

type Execute = (request: CommandRequest) => Promise<CommandAnswer<CommandName>>;

/** Hands a command to the mailbox of the group or user that decides it. */
@CommandHandler(CommandMessage)
export class ExecuteCommand implements ICommandHandler<CommandMessage> {
  readonly #execute: Readonly<Record<'group' | 'user', Execute>>;

  constructor(groups: GroupMailboxes, users: UserMailboxes) {
    this.#execute = {
      group: (request) => groups.execute(request as Parameters<GroupMailboxes['execute']>[0]),
      user: (request) => users.execute(request as Parameters<UserMailboxes['execute']>[0]),
    };
  }

  execute({ request }: CommandMessage): Promise<CommandAnswer<CommandName>> {
    return this.#execute[COMMANDS[request.type].on](request);
  }
}
