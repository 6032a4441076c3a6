import { applyDecorators, Catch, Controller, Logger, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { CohortError, errorBody, type ErrorBody } from '@cohort/contracts';
import { throwError, type Observable } from 'rxjs';
import { v7 } from 'uuid';

const logger = new Logger('Bus');

/** What the caller is told of something thrown: a `CohortError` as it is, anything else `INTERNAL` with a reference. */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof CohortError) return error.toBody();
  const ref = v7();
  logger.error({ ref, err: error }, 'a request failed with an unexpected error');
  return errorBody('INTERNAL', 'The service failed; its log has the details under this reference.', { ref });
}

/** Hands what a handler throws to the server as it is: Nest's own filter would make all of it "Internal server error". */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** A controller whose methods answer on NATS: what they throw reaches the caller as `toErrorBody` says. */
export const NatsController = (): ClassDecorator => applyDecorators(Controller(), UseFilters(RethrowFilter));
