import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { GetBanEverywhere, userBanStream, type QueryAnswers } from '@cohort/contracts';
import { ReadModel } from '@cohort/read-model';

@QueryHandler(GetBanEverywhere)
class BanEverywhereHandler implements IQueryHandler<GetBanEverywhere, QueryAnswers['banEverywhere']> {
  constructor(private readonly model: ReadModel) {}

  async execute({ app, userId, request, waitMs = 0 }: GetBanEverywhere): Promise<QueryAnswers['banEverywhere']> {
    const isCompleted = () => this.model.lookups.completedBan(app, userId) >= request;
    const completed = await this.model.isSo(isCompleted, userBanStream(app, userId), waitMs);
    return { completed, position: this.model.applied.current };
  }
}

export const banEverywhere = { banEverywhere: BanEverywhereHandler };
