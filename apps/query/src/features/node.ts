import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { GetStatus, type QueryAnswers } from '@cohort/contracts';
import { ReadModel } from '@cohort/read-model';
import { Projector } from '../projector';

@QueryHandler(GetStatus)
class StatusHandler implements IQueryHandler<GetStatus, QueryAnswers['status']> {
  constructor(
    private readonly model: ReadModel,
    private readonly projector: Projector,
  ) {}

  execute(): Promise<QueryAnswers['status']> {
    return Promise.resolve({
      store: this.model.store,
      position: this.model.applied.current,
      lagSeconds: this.projector.lagSeconds(),
      degraded: this.model.degraded(),
    });
  }
}

export const node = { status: StatusHandler };
