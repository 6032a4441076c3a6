import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CohortError, COMMANDS, type CommandAnswer, type CommandName } from '@cohort/contracts';
import { mustBeKnown } from '@cohort/group';
import { CommandMessage, type CommandRequest, type Learned } from './command-request';
import { GroupMailboxes } from './group';
import { Learning } from './learning';
import { PersonalTexts } from './personal-texts';
import { UserNumbers } from './numbers/user-numbers';
import { UserBans } from './user-ban/user-bans';
import { UserMailboxes } from './user/user-mailboxes';

type Execute = (request: CommandRequest) => Promise<CommandAnswer<CommandName>>;

/**
 * Learns what a command's decision needs to know, seals its personal texts, and hands it to what decides it: the mailbox of its
 * group or user, or its tenant.
 */
@CommandHandler(CommandMessage)
export class ExecuteCommand implements ICommandHandler<CommandMessage> {
  readonly #execute: Readonly<Record<'group' | 'user' | 'userBan' | 'tenant', Execute>>;

  constructor(
    groups: GroupMailboxes,
    users: UserMailboxes,
    bans: UserBans,
    numbers: UserNumbers,
    private readonly texts: PersonalTexts,
    private readonly learning: Learning,
  ) {
    this.#execute = {
      group: (request) => groups.execute(request as Parameters<GroupMailboxes['execute']>[0]),
      user: (request) => users.execute(request as Parameters<UserMailboxes['execute']>[0]),
      userBan: (request) => bans.execute(request as Parameters<UserBans['execute']>[0]),
      tenant: (request) => numbers.execute(request as Parameters<UserNumbers['execute']>[0]),
    };
  }

  async execute({ request }: CommandMessage): Promise<CommandAnswer<CommandName>> {
    const learning = this.learning.of(request);
    const sealed = await this.texts.seal(learning === undefined ? request : this.#known(request, await learning));
    return this.#execute[COMMANDS[request.type].on](sealed);
  }

  /** The text of a user nobody knows isn't sealed: a key for it would be written. */
  #known(request: CommandRequest, learned: Learned): CommandRequest {
    const refused = mustBeKnown(this.texts.usersOf(request), learned.unknownUsers);
    if (refused) throw new CohortError(refused.error.code, refused.error.message, refused.error.details);
    return { ...request, learned };
  }
}
