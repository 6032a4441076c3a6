import { randomUUID } from 'node:crypto';
import { CohortError } from '@cohort/contracts';
import type { Logger } from '@nestjs/common';

/**
 * The error to tell a caller. What isn't meant for callers is logged under a reference, and told as `INTERNAL` with that
 * reference only.
 */
export function tellable(error: unknown, log: Pick<Logger, 'error'>): CohortError {
  if (error instanceof CohortError) return error;
  const ref = randomUUID();
  log.error({ err: error, ref }, 'A request failed by a fault of ours');
  return new CohortError('INTERNAL', `internal error, reference ${ref}`, { ref });
}
