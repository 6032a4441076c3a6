import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { GetUserSync, type QueryAnswers } from '@cohort/contracts';
import { ReadModel } from '@cohort/read-model';

@QueryHandler(GetUserSync)
export class UserSyncHandler implements IQueryHandler<GetUserSync, QueryAnswers['userSync']> {
  constructor(private readonly model: ReadModel) {}

  async execute({ app, userId, sync, waitMs = 0 }: GetUserSync): Promise<QueryAnswers['userSync']> {
    const completed = await this.model.isSyncCompleted(app, userId, sync, waitMs);
    return { completed, position: this.model.applied.current };
  }
}
