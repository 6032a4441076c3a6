import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { COMMANDS, type CommandAnswer, type CommandName } from '@cohort/contracts';
import { CommandMessage, type CommandRequest } from './command-request';
import { GroupMailboxes } from './group';
import { PersonalTexts } from './personal-texts';
import { UserNumbers } from './numbers/user-numbers';
import { UserBans } from './user-ban/user-bans';
import { UserMailboxes } from './user/user-mailboxes';

type Execute = (request: CommandRequest) => Promise<CommandAnswer<CommandName>>;

/** Seals the personal texts of a command, and hands it to what decides it: the mailbox of its group or user, or its tenant. */
@CommandHandler(CommandMessage)
export class ExecuteCommand implements ICommandHandler<CommandMessage> {
  readonly #execute: Readonly<Record<'group' | 'user' | 'userBan' | 'tenant', Execute>>;

  constructor(
    groups: GroupMailboxes,
    users: UserMailboxes,
    bans: UserBans,
    numbers: UserNumbers,
    private readonly texts: PersonalTexts,
  ) {
    this.#execute = {
      group: (request) => groups.execute(request as Parameters<GroupMailboxes['execute']>[0]),
      user: (request) => users.execute(request as Parameters<UserMailboxes['execute']>[0]),
      userBan: (request) => bans.execute(request as Parameters<UserBans['execute']>[0]),
      tenant: (request) => numbers.execute(request as Parameters<UserNumbers['execute']>[0]),
    };
  }

  async execute({ request }: CommandMessage): Promise<CommandAnswer<CommandName>> {
    const sealed = await this.texts.seal(request);
    return this.#execute[COMMANDS[request.type].on](sealed);
  }
}
