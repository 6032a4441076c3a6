import { CohortError, type Position } from '@cohort/contracts';

/**
 * `READ_MODEL_BEHIND` of a query whose cursor or copy comes from a node that is ahead of this one. `lacks`: what has to be
 * applied before the query is asked again, up to a position or more events of a stream.
 */
export class Behind extends CohortError {
  constructor(
    readonly lacks: { readonly position: Position } | { readonly position?: undefined; readonly stream: string },
    message: string,
    details: CohortError['details'],
  ) {
    super('READ_MODEL_BEHIND', message, details);
  }
}
