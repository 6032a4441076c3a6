import type { Type } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { QUERIES, type QueryAnswers, type QueryData } from '@cohort/contracts';
import { ReadModel, type TableQueries, type TableQueryName } from '@cohort/read-model';
import { QuerySettings } from './settings';

/** The handler of a query that the read model's tables answer by themselves. */
export function tableHandler<N extends TableQueryName>(name: N): Type<IQueryHandler> {
  @QueryHandler(QUERIES[name].dto)
  class TableHandler {
    constructor(
      private readonly model: ReadModel,
      private readonly settings: QuerySettings,
    ) {}

    execute(query: QueryData<N>): Promise<QueryAnswers[N]> {
      const ask = (queries: TableQueries): QueryAnswers[N] => queries[name](query);
      return this.model.answer(ask, this.settings.QUERY_AFTER_TIMEOUT_MS);
    }
  }
  return TableHandler;
}
