import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SyncUserAnswer } from '@cohort/contracts';
import { SyncUserMessage } from '../command-request';
import { UserSyncs } from './user-syncs';

/** Takes down what a user's groups shall be; the worker carries it out. */
@CommandHandler(SyncUserMessage)
export class SyncUserHandler implements ICommandHandler<SyncUserMessage> {
  constructor(private readonly userSyncs: UserSyncs) {}

  execute({ request }: SyncUserMessage): Promise<SyncUserAnswer> {
    return this.userSyncs.execute(request);
  }
}
