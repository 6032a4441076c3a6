import { applyDecorators, Catch, Controller, Logger, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { CohortError } from '@cohort/contracts';
import { throwError, type Observable } from 'rxjs';
import { v7 } from 'uuid';

/**
 * Returns the error that a caller may see. A `CohortError` is returned as it is. Any other error is logged under a
 * reference, together with `about`, and the caller gets `INTERNAL` with that reference only.
 */
export function errorForCaller(error: unknown, log: Pick<Logger, 'error'>, about: object = {}): CohortError {
  if (error instanceof CohortError) return error;
  const ref = v7();
  log.error({ ref, err: error, ...about }, 'a request failed with an unexpected error');
  return new CohortError('INTERNAL', `Internal error; the log has the details under reference ${ref}.`, { ref });
}

/** Passes errors of handlers to the server unchanged. Nest's own filter turns each into "Internal server error". */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Marks a controller whose methods answer on NATS. Errors that they throw reach the caller by `errorForCaller`. */
export const NatsController = (): ClassDecorator => applyDecorators(Controller(), UseFilters(RethrowFilter));
