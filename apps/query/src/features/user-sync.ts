import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { GetUserSync, userStream, type QueryAnswers } from '@cohort/contracts';
import { ReadModel } from '@cohort/read-model';

@QueryHandler(GetUserSync)
class UserSyncHandler implements IQueryHandler<GetUserSync, QueryAnswers['userSync']> {
  constructor(private readonly model: ReadModel) {}

  async execute({ app, userId, sync, waitMs = 0 }: GetUserSync): Promise<QueryAnswers['userSync']> {
    const isCompleted = () => this.model.lookups.completedSync(app, userId) >= sync;
    const completed = await this.model.isSo(isCompleted, userStream(app, userId), waitMs);
    return { completed, position: this.model.applied.current };
  }
}

export const userSync = { userSync: UserSyncHandler };
