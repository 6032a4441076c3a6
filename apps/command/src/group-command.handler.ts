import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  CohortError,
  generatedGroupId,
  type GroupCommand,
  type GroupCommandAnswer,
  type GroupCommandName,
} from '@cohort/contracts';
import { GroupCommandMessage, type CommandRequest } from './command-request';
import { GroupMailboxes } from './mailbox';

/** How often a generated id may be taken: each time is one in millions of groups. */
const MAX_SALTS = 16;

/** Hands a command to its group's mailbox, once it is known which group that is. */
@CommandHandler(GroupCommandMessage)
export class GroupCommandHandler implements ICommandHandler<GroupCommandMessage> {
  constructor(private readonly mailboxes: GroupMailboxes) {}

  async execute({ request }: GroupCommandMessage): Promise<GroupCommandAnswer> {
    const { groupId } = request.data;
    if (groupId !== undefined) return this.executeOn(groupId, request);
    for (let salt = 0; ; salt += 1) {
      try {
        return await this.executeOn(generatedGroupId(request.app.id, request.commandId, salt), request);
      } catch (error) {
        // Another command's group has this id. A repeat of this command gets its first answer instead.
        if (!(error instanceof CohortError && TAKEN.has(error.code) && salt + 1 < MAX_SALTS)) throw error;
      }
    }
  }

  private executeOn(
    groupId: string,
    { name, data, ...circumstances }: CommandRequest<GroupCommandName>,
  ): Promise<GroupCommandAnswer> {
    // A request's name and data belong together, which a destructured pair no longer shows.
    const command = { type: name, data: Object.assign(data, { groupId }) } as GroupCommand;
    return this.mailboxes.execute({ ...circumstances, command, actor: data.actor });
  }
}

const TAKEN: ReadonlySet<string> = new Set(['GROUP_EXISTS', 'GROUP_DISMISSED']);
